#include "gui/views/timeline_view.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QTableView>
#include <QThreadPool>
#include <QTimer>
#include <QVBoxLayout>

#include "gui/models/run_later.hpp"
#include "gui/models/span_csv.hpp"
#include "gui/models/span_text.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/table_csv.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/timeline_legend.hpp"
#include "gui/widgets/timeline_widget.hpp"
#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

constexpr int kSearchDelayMs = 150;
constexpr int kTotalsDelayMs = 60;
constexpr int kTableLines = 8;

QString percentText(double part, double all) {
  return QString::fromStdString(metric_text(all > 0 ? part / all : 0, MetricUnit::fraction));
}

}  // namespace

struct TimelineView::Sums {
  QVector<SpanTotalsModel::Side> sides;
  TimeRange range;
  bool isSelected = false;
};

TimelineView::TimelineView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_legend(new TimelineLegend),
      m_splitter(new QSplitter(Qt::Vertical)),
      m_summary(new QLabel),
      m_table(new QTableView),
      m_totals(new SpanTotalsModel(this)),
      m_searchDelay(new QTimer(this)),
      m_totalsDelay(new QTimer(this)),
      m_pool(std::make_unique<QThreadPool>()) {
  m_pool->setMaxThreadCount(1);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(6, 6, 6, 6);
  addTools(column);
  column->addWidget(m_legend);
  for (std::size_t i = 0; i < m_widgets.size(); ++i) {
    m_widgets[i] = new TimelineWidget(state, static_cast<int>(i));
    m_splitter->addWidget(m_widgets[i]);
    connect(m_widgets[i], &TimelineWidget::ready, this, &TimelineView::tellIfReady);
    connect(m_widgets[i], &TimelineWidget::labelsChanged, this, &TimelineView::alignLabels);
  }
  m_splitter->setChildrenCollapsible(false);
  column->addWidget(m_splitter, 1);
  m_summary->setWordWrap(true);
  m_summary->setToolTip(bubbleText());
  m_summary->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);  // its lines are never cut
  column->addWidget(m_summary);
  m_table->setModel(m_totals);
  m_table->verticalHeader()->hide();
  m_table->setShowGrid(false);
  m_table->setAlternatingRowColors(true);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->hide();
  column->addWidget(m_table);
  m_search->setFocusPolicy(Qt::ClickFocus);
  setFocusProxy(m_widgets[0]);
  m_stack = new EmptyStack(content);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(m_stack);
  for (QTimer* timer : {m_searchDelay, m_totalsDelay}) timer->setSingleShot(true);
  m_searchDelay->setInterval(kSearchDelayMs);
  m_totalsDelay->setInterval(kTotalsDelayMs);
  connect(m_searchDelay, &QTimer::timeout, this, &TimelineView::makeScenes);
  connect(m_totalsDelay, &QTimer::timeout, this, &TimelineView::makeTotals);
  const auto later = [this] { m_totalsDelay->start(); };
  connect(&state, &ViewState::timeRangeChanged, this, later);
  connect(&state, &ViewState::selectedRangeChanged, this, later);
  connect(&state, &ViewState::colorByChanged, this, &TimelineView::showLegend);
  connect(&state, &ViewState::searchTextChanged, this, [this] {
    if (m_search->text() != this->state().searchText()) m_search->setText(this->state().searchText());
    m_searchDelay->start();
  });
  addActions();
  documentsChanged();
}

TimelineView::~TimelineView() {
  ++*m_sceneRound;
  ++*m_totalsRound;
  m_pool->waitForDone();
}

void TimelineView::addTools(QLayout* layout) {
  auto* line = new QHBoxLayout;
  m_search = new QLineEdit;
  m_search->setPlaceholderText(tr("Search: dispatch, layer 5, micro-batch 7, rank 3"));
  m_search->setClearButtonEnabled(true);
  m_search->setMinimumWidth(fontMetrics().horizontalAdvance(m_search->placeholderText()) + 60);
  m_search->setText(state().searchText());
  connect(m_search, &QLineEdit::textChanged, &state(), &ViewState::setSearchText);
  m_colorBy = new QComboBox;
  m_colorBy->addItems({tr("phase"), tr("micro-batch"), tr("layer")});
  m_colorBy->setCurrentIndex(static_cast<int>(state().colorBy()));
  connect(m_colorBy, &QComboBox::activated, this,
          [this](int index) { state().setColorBy(static_cast<ColorBy>(index)); });
  auto* label = new QLabel(tr("&Colour by"));
  label->setBuddy(m_colorBy);
  line->addWidget(m_search);
  line->addStretch(1);
  line->addWidget(label);
  line->addWidget(m_colorBy);
  static_cast<QVBoxLayout*>(layout)->addLayout(line);
}

bool TimelineView::hasSpans(const DocumentPtr& document) const {
  return document && !document->timeline().rows().empty();
}

void TimelineView::documentsChanged() {
  const std::array documents{first(), second()};
  for (std::size_t i = 0; i < m_widgets.size(); ++i) {
    const bool isShown = hasSpans(documents[i]);
    if (!isShown)
      m_scenes[i] = nullptr;
    else if (!m_scenes[i] || m_scenes[i]->document != documents[i])
      m_scenes[i] = bareScene(documents[i]);
    m_widgets[i]->setVisible(isShown);
    // A bar beside one alone would make its time axis shorter than the other's.
    m_widgets[i]->setVerticalScrollBarPolicy(second() ? Qt::ScrollBarAlwaysOn : Qt::ScrollBarAsNeeded);
    m_widgets[i]->setTitle(isShown && second() ? documents[i]->title() : QString());
    m_widgets[i]->setScene(m_scenes[i]);
  }
  m_stack->setEmptyText(emptyText());
  makeScenes();
}

void TimelineView::makeScenes() {
  const int round = ++*m_sceneRound;
  m_isMakingScenes = m_scenes[0] || m_scenes[1];
  if (!m_isMakingScenes) {
    ++*m_totalsRound;
    m_isMakingTotals = false;
    return;
  }
  const auto goesOn = [rounds = m_sceneRound, round] { return *rounds == round; };
  const auto make = [before = m_scenes, text = state().searchText(), goesOn] {
    Scenes made;
    for (std::size_t i = 0; i < made.size(); ++i)
      if (before[i]) made[i] = wholeScene(before[i], text, goesOn);
    return made;
  };
  runLater(*m_pool, this, make, [this, goesOn](const Scenes& scenes) {
    if (goesOn()) takeScenes(scenes);
  });
}

void TimelineView::takeScenes(const Scenes& scenes) {
  m_isMakingScenes = false;
  m_scenes = scenes;
  for (std::size_t i = 0; i < m_widgets.size(); ++i) m_widgets[i]->setScene(m_scenes[i]);
  showLegend();
  makeTotals();
  tellIfReady();
}

void TimelineView::makeTotals() {
  const int round = ++*m_totalsRound;
  Sums asked;
  asked.isSelected = state().selectedRange().has_value();
  asked.range = state().selectedRange().value_or(state().timeRange());
  m_isMakingTotals = true;
  const auto make = [scenes = m_scenes, asked, rounds = m_totalsRound, round] {
    Sums sums = asked;
    for (const SpanScenePtr& scene : scenes)
      if (scene && *rounds == round)
        sums.sides.append({scene->document, pictures::totals_of(scene->timeline(), *scene->exposed,
                                                                scene->computation.value_or(0xff),
                                                                asked.range.start, asked.range.end)});
    return sums;
  };
  runLater(*m_pool, this, make, [this, rounds = m_totalsRound, round](const Sums& sums) {
    if (*rounds == round) takeTotals(sums);
  });
}

void TimelineView::takeTotals(const Sums& sums) {
  m_isMakingTotals = false;
  m_totals->setSides(sums.sides);
  QStringList lines;
  for (const SpanTotalsModel::Side& side : sums.sides) {
    const pictures::RangeTotals& totals = side.totals;
    const double all = totals.length_s * static_cast<double>(totals.num_gpus);
    const double pixel = sums.range.length() / 1000;
    QString line =
        tr("%1 %2 to %3 (%4)")
            .arg(sums.isSelected ? tr("Selected:") : tr("Shown:"), timeText(sums.range.start, pixel),
                 timeText(sums.range.end, pixel), spanTimeText(sums.range.length()));
    if (second()) line.prepend(side.document->title() + QStringLiteral(": "));
    if (computationLane(side.document->names()))
      line += tr(": computation %1, exposed communication %2, idle (bubble) %3 of %4 GPUs")
                  .arg(percentText(totals.computation_s, all), percentText(totals.exposed_s, all),
                       percentText(totals.idle_s, all))
                  .arg(totals.num_gpus);
    if (const std::size_t num = side.document->timeline().num_unusable(); num > 0)
      line += tr("; %1 spans without usable times are left out").arg(num);
    lines.append(line);
  }
  m_summary->setText(lines.join(QLatin1Char('\n')));
  m_table->setVisible(sums.isSelected);
  if (sums.isSelected) {
    m_table->resizeColumnsToContents();
    m_table->resizeRowsToContents();
    const int line = m_table->rowHeight(0);
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() +
                            line * std::min(kTableLines, m_totals->rowCount()) + 4);
  }
  tellIfReady();
}

void TimelineView::showLegend() {
  m_colorBy->setCurrentIndex(static_cast<int>(state().colorBy()));
  const SpanScenePtr& scene = m_scenes[0] ? m_scenes[0] : m_scenes[1];
  if (!scene) return m_legend->setItems({});
  const TimelineColors colors(*scene, state().colorBy(), pictureTheme(palette()));
  m_legend->setItems(timelineLegend(*scene, colors));
}

void TimelineView::alignLabels() {
  int width = 0;
  for (std::size_t i = 0; i < m_widgets.size(); ++i)
    if (m_scenes[i] && m_widgets[i]) width = std::max(width, m_widgets[i]->naturalLabelWidth());
  for (TimelineWidget* widget : m_widgets)
    if (widget) widget->setLeastLabelWidth(width);
}

bool TimelineView::isReady() const {
  if (m_isMakingScenes || m_isMakingTotals || m_searchDelay->isActive() || m_totalsDelay->isActive())
    return false;
  return (!m_scenes[0] || m_widgets[0]->isReady()) && (!m_scenes[1] || m_widgets[1]->isReady());
}

void TimelineView::tellIfReady() {
  if (isReady()) Q_EMIT ready();
}

QString TimelineView::csv() const {
  if (!m_scenes[0] && !m_scenes[1]) return {};
  if (state().selectedRange()) return tableCsv(*m_totals);
  const DocumentPtr& document = m_scenes[0] ? first() : second();
  return spansCsv(*document, state().timeRange(), kMostCsvSpans);
}

QString TimelineView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (hasSpans(first()) || hasSpans(second())) return {};
  if (first()->kind() == QStringLiteral("serving"))
    return tr(
        "This serving run has no requests to show.\n"
        "Every serving run with -o records the first 2,000 requests that end while it measures;\n"
        "those that a warm start begins with and rejected ones are left out.\n"
        "This file may be the summary alone, or no request ended in the measured time:\n"
        "a longer duration of the workload or a shorter warm_up has some.\n"
        "moesim run SCENARIO -o FOLDER writes a folder to open; so does Run in the scenario editor.");
  return tr(
      "This result has no spans.\n"
      "Training runs record operations of GPUs, serving runs phases of requests;\n"
      "routing runs, sweeps, searches and validations have none.\n"
      "moesim run SCENARIO -o FOLDER writes a folder to open.");
}

}  // namespace moesim::gui
