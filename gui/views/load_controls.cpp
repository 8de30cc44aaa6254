#include "gui/views/load_controls.hpp"

#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QSignalBlocker>
#include <QSlider>
#include <QStandardItemModel>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/widgets/flow_layout.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::gui {
namespace {

constexpr int kSpacing = 6;
constexpr double kSpeeds[] = {1, 2, 5, 10, 20, 50, 100, 500};
constexpr int kAutomaticLayer = -2;  // the most imbalanced one

QString groupedText(std::int64_t number) {
  return QString::fromStdString(pictures::grouped(number));
}

QString automaticText() {
  return LoadControls::tr("most imbalanced");
}

QWidget* labelled(const QString& text, QWidget* widget) {
  auto* pair = new QWidget;
  auto* row = new QHBoxLayout(pair);
  row->setContentsMargins({});
  row->setSpacing(4);
  auto* label = new QLabel(text);
  label->setBuddy(widget);
  row->addWidget(label);
  row->addWidget(widget);
  return pair;
}

QToolButton* buttonOf(QAction* action) {
  auto* button = new QToolButton;
  button->setDefaultAction(action);
  button->setFocusPolicy(Qt::TabFocus);
  return button;
}

QDoubleSpinBox* loadBox(const QString& toolTip) {
  auto* box = new QDoubleSpinBox;
  box->setRange(0, 10000);
  box->setDecimals(2);
  box->setSingleStep(0.25);
  box->setSpecialValueText(LoadControls::tr("auto"));
  box->setToolTip(toolTip);
  box->setKeyboardTracking(false);
  return box;
}

}  // namespace

LoadControls::LoadControls(ViewState& state, StepPlayer& player, QWidget* parent)
    : QWidget(parent), m_state(state), m_player(player) {
  addActions();
  addDisplayActions();
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kSpacing, 4, kSpacing, 0);
  column->setSpacing(4);
  column->addWidget(chooserRow());
  column->addWidget(stepRow());
  for (const auto signal : {&ViewState::stepChanged, &ViewState::layerChanged, &ViewState::streamChanged})
    connect(&m_state, signal, this, &LoadControls::showState);
  connect(&m_player, &StepPlayer::playingChanged, this, &LoadControls::showState);
  showDisplay();
  showState();
}

QWidget* LoadControls::chooserRow() {
  m_streamBox = new QComboBox;
  m_layerBox = new QComboBox;
  m_comparisonBox = new QComboBox;
  m_scaleBox = new QComboBox;
  m_measureBox = new QComboBox;
  m_lowBox = loadBox(tr("The load over the mean with the first colour"));
  m_highBox = loadBox(tr("The load over the mean with the last colour"));
  for (const pictures::LoadPicture& picture : pictures::kLoadPictures)
    m_streamBox->addItem(
        QString::fromUtf8(picture.title.data(), static_cast<qsizetype>(picture.title.size())),
        QString::fromUtf8(picture.stream.data(), static_cast<qsizetype>(picture.stream.size())));
  m_comparisonBox->addItems({tr("nothing"), tr("step 0"), tr("after EPLB"), tr("second result")});
  m_scaleBox->addItems({tr("automatic"), tr("linear"), tr("logarithmic")});
  m_measureBox->addItems({tr("MaxVio"), tr("balancedness")});
  m_layerBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_layerBox->setMinimumContentsLength(static_cast<int>(automaticText().size()));

  auto* row = new QWidget;
  auto* flow = new FlowLayout(row);
  flow->setContentsMargins({});
  flow->setSpacing(2 * kSpacing);
  flow->addWidget(labelled(tr("Load of"), m_streamBox));
  flow->addWidget(labelled(tr("Layer"), m_layerBox));
  flow->addWidget(labelled(tr("Compare with"), m_comparisonBox));
  flow->addWidget(labelled(tr("Colours"), m_scaleBox));
  flow->addWidget(labelled(tr("from"), m_lowBox));
  flow->addWidget(labelled(tr("to"), m_highBox));
  flow->addWidget(labelled(tr("Curve"), m_measureBox));

  connectChoosers();
  return row;
}

void LoadControls::connectChoosers() {
  connect(m_streamBox, &QComboBox::activated, this,
          [this] { m_state.setStream(m_streamBox->currentData().toString().toStdString()); });
  connect(m_layerBox, &QComboBox::activated, this, [this] {
    const int layer = m_layerBox->currentData().toInt();
    m_state.setLayer(layer == kAutomaticLayer ? -1 : layer);
  });
  connect(m_comparisonBox, &QComboBox::activated, this,
          [this](int index) { setComparison(static_cast<LoadComparison>(index)); });
  connect(m_scaleBox, &QComboBox::activated, this, [this](int index) {
    change([index](LoadDisplay& display) { display.scale = static_cast<pictures::LoadScale>(index); });
  });
  connect(m_measureBox, &QComboBox::activated, this, [this](int index) {
    change([index](LoadDisplay& display) { display.measure = static_cast<ImbalanceMeasure>(index); });
  });
  const auto ofBox = [](double value) { return value > 0 ? std::optional(value) : std::nullopt; };
  connect(m_lowBox, &QDoubleSpinBox::valueChanged, this,
          [this, ofBox](double value) { change([&](LoadDisplay& display) { display.low = ofBox(value); }); });
  connect(m_highBox, &QDoubleSpinBox::valueChanged, this, [this, ofBox](double value) {
    change([&](LoadDisplay& display) { display.high = ofBox(value); });
  });
}

QWidget* LoadControls::stepRow() {
  m_playButton = buttonOf(m_playAction);
  m_slider = new QSlider(Qt::Horizontal);
  m_slider->setMinimumWidth(120);
  m_slider->setPageStep(10);
  m_stepLabel = new QLabel;
  m_stepLabel->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  m_stepLabel->setMinimumWidth(fontMetrics().horizontalAdvance(tr("step 000,000 (00,000 of 00,000)")));
  m_speedBox = new QComboBox;
  for (const double speed : kSpeeds) m_speedBox->addItem(tr("%1 steps/s").arg(speed), speed);
  m_speedBox->setCurrentIndex(m_speedBox->findData(m_player.stepsPerSecond()));
  m_progress = new QProgressBar;
  m_progress->setRange(0, 100);
  m_progress->setMaximumWidth(160);
  m_progress->setFormat(tr("reading: %p%"));
  m_progress->hide();

  auto* row = new QWidget;
  auto* line = new QHBoxLayout(row);
  line->setContentsMargins({});
  line->setSpacing(kSpacing);
  line->addWidget(m_playButton);
  line->addWidget(m_slider, 1);
  line->addWidget(m_stepLabel);
  line->addWidget(m_speedBox);
  line->addWidget(buttonOf(m_sortAction));
  line->addWidget(buttonOf(m_hottestAction));
  line->addWidget(m_progress);
  connect(m_slider, &QSlider::valueChanged, &m_player, &StepPlayer::setColumn);
  connect(m_speedBox, &QComboBox::activated, this,
          [this] { m_player.setStepsPerSecond(m_speedBox->currentData().toDouble()); });
  return row;
}

void LoadControls::setChoices(const Choices& choices) {
  m_choices = choices;
  for (int i = 0; i < m_streamBox->count(); ++i) {
    const std::string stream = m_streamBox->itemData(i).toString().toStdString();
    const bool isRecorded = std::ranges::find(choices.recorded, stream) != choices.recorded.end();
    const auto title = loadPictureOf(stream)->title;
    const QString text = QString::fromUtf8(title.data(), static_cast<qsizetype>(title.size()));
    m_streamBox->setItemText(i, isRecorded ? text : tr("%1 (no rows)").arg(text));
  }
  auto* kinds = qobject_cast<QStandardItemModel*>(m_comparisonBox->model());
  kinds->item(static_cast<int>(LoadComparison::afterEplb))->setEnabled(choices.hasAfterEplb);
  kinds->item(static_cast<int>(LoadComparison::second))->setEnabled(choices.hasSecond);
  showState();
}

void LoadControls::setScene(const ScenePtr& scene) {
  m_scene = scene;
  const QSignalBlocker blockers[] = {QSignalBlocker(m_layerBox), QSignalBlocker(m_slider)};
  m_layerBox->clear();
  if (scene) {
    m_layerBox->addItem(automaticText(), kAutomaticLayer);
    for (const int layer : scene->layers())
      m_layerBox->addItem(layer < 0 ? tr("all") : QString::number(layer), layer);
    m_slider->setRange(0, scene->recorded()->count() - 1);
  }
  setEnabled(scene != nullptr || !m_choices.recorded.empty());
  showState();
}

void LoadControls::setProgress(double fraction) {
  m_progress->setVisible(fraction >= 0);
  m_progress->setValue(static_cast<int>(100 * std::max(fraction, 0.0)));
}

void LoadControls::showState() {
  const QSignalBlocker blocker(m_slider);
  m_streamBox->setCurrentIndex(m_streamBox->findData(QString::fromStdString(m_state.stream())));
  m_comparisonBox->setItemText(static_cast<int>(LoadComparison::step),
                               tr("step %1").arg(groupedText(m_comparedStep)));
  m_comparisonBox->setCurrentIndex(static_cast<int>(m_comparison));
  const int layer = m_layerBox->findData(m_state.layer());
  m_layerBox->setCurrentIndex(layer >= 0 ? layer : 0);
  m_playAction->setText(m_player.isPlaying() ? tr("Pause") : tr("Play"));
  const int column = m_player.column();
  const bool hasSteps = m_scene && column >= 0;
  m_slider->setEnabled(hasSteps);
  m_playAction->setEnabled(hasSteps);
  if (!hasSteps) return m_stepLabel->clear();
  m_slider->setValue(column);
  const StepColumns& steps = *m_scene->recorded();
  m_stepLabel->setText(
      tr("step %1 (%2 of %3)")
          .arg(groupedText(steps.step(column)), groupedText(column + 1), groupedText(steps.count())));
}

void LoadControls::showDisplay() {
  const QSignalBlocker blockers[] = {QSignalBlocker(m_lowBox), QSignalBlocker(m_highBox),
                                     QSignalBlocker(m_hottestAction)};
  m_scaleBox->setCurrentIndex(static_cast<int>(m_display.scale));
  m_measureBox->setCurrentIndex(static_cast<int>(m_display.measure));
  m_lowBox->setValue(m_display.low.value_or(0));
  m_highBox->setValue(m_display.high.value_or(0));
  m_hottestAction->setChecked(m_display.hottestOfStep);
}

void LoadControls::setDisplay(const LoadDisplay& display) {
  if (display == m_display) return;
  m_display = display;
  showDisplay();
  Q_EMIT displayChanged();
}

void LoadControls::change(const std::function<void(LoadDisplay&)>& edit) {
  LoadDisplay display = m_display;
  edit(display);
  setDisplay(display);
}

void LoadControls::setComparison(LoadComparison comparison) {
  if (comparison == m_comparison) return;
  m_comparison = comparison;
  showState();
  Q_EMIT comparisonChanged();
}

void LoadControls::compareWithStep(std::int64_t step) {
  const bool isSame = step == m_comparedStep && m_comparison == LoadComparison::step;
  m_comparedStep = step;
  m_comparison = LoadComparison::step;
  showState();
  if (!isSame) Q_EMIT comparisonChanged();
}

bool LoadControls::isSorted() const {
  return m_sortAction->isChecked();
}

void LoadControls::setSorted(bool sorted) {
  m_sortAction->setChecked(sorted);
}

}  // namespace moesim::gui
