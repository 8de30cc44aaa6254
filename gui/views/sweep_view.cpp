#include "gui/views/sweep_view.hpp"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QEvent>
#include <QFile>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "gui/models/sweep_model.hpp"
#include "gui/models/sweep_scenario.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/line_table.hpp"
#include "gui/widgets/plot_widget.hpp"
#include "gui/widgets/table_csv.hpp"

namespace moesim::gui {
namespace {

constexpr int kWidestColumn = 420;

}  // namespace

SweepView::SweepView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_model(new SweepModel(this)),
      m_details(new QLabel),
      m_plot(new PlotWidget),
      m_table(makeRowTable(m_model, SweepModel::kSortRole)) {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins({});
  column->setSpacing(2);
  column->addWidget(makeChoosers());
  column->addWidget(makeSplitter(Qt::Vertical, {{m_plot, 3}, {m_table, 2}}), 1);
  column->addWidget(makeDetails());
  m_stack = addContent(content);
  m_plot->addActionsTo(*this);
  connect(m_table, &QTableView::doubleClicked, this, &SweepView::openLine);
  connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SweepView::showLine);
  connect(m_plot, &PlotWidget::pointClicked, this, [this](int, int curve, int index) {
    if (!m_shown.isSecond.value(curve)) selectRow(*m_table, m_shown.lines.value(curve).value(index, -1));
  });
  documentsChanged();
}

QWidget* SweepView::makeChoosers() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(6, 4, 6, 0);
  const auto addBox = [&](const QString& label) {
    auto* box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(14);
    box->setAccessibleName(label);
    auto* text = new QLabel(label);
    text->setBuddy(box);
    row->addWidget(text);
    row->addWidget(box, 1);
    connect(box, &QComboBox::currentIndexChanged, this, &SweepView::redraw);
    return box;
  };
  m_x = addBox(tr("&x"));
  m_y = addBox(tr("&y"));
  m_color = addBox(tr("&colour"));
  m_front = new QCheckBox(tr("&front"));
  m_front->setToolTip(tr("Joins the cases that no other beats in both figures"));
  m_front->setChecked(true);
  m_colorText = new QLabel;
  row->addWidget(m_front);
  row->addWidget(m_colorText);
  connect(m_front, &QCheckBox::toggled, this, &SweepView::redraw);
  return bar;
}

void SweepView::documentsChanged() {
  m_model->setCases(first() ? sweepCases(*first()) : SweepCases());
  m_second = second() ? sweepCases(*second()) : SweepCases();
  fillChoosers();
  redraw();
  fitColumns(*m_table, kWidestColumn);
  showLine();
  m_stack->setEmptyText(emptyText());
}

void SweepView::fillChoosers() {
  const SweepCases& cases = m_model->cases();
  const QStringList keys = sweepKeys(cases);
  const QString all = keys.join(QLatin1Char('\n')) + cases.axes.join(QLatin1Char('|'));
  if (all == m_keys) return;  // a sweep that goes on: the choice stays
  m_keys = all;
  const SweepChoice start = startingChoice(cases);
  const auto fill = [&cases](QComboBox* box, const QStringList& values, const QString& chosen, bool hasNone) {
    const QSignalBlocker blocker(box);
    box->clear();
    if (hasNone) box->addItem(tr("none"), QString());
    for (const QString& key : values) {
      box->addItem(sweepLabel(key, cases), key);
      box->setItemData(box->count() - 1, key, Qt::ToolTipRole);
    }
    box->setCurrentIndex(std::max(0, box->findData(chosen)));
  };
  fill(m_x, keys, start.x, false);
  fill(m_y, keys, start.y, false);
  fill(m_color, cases.axes, start.color, true);
}

SweepChoice SweepView::choice() const {
  return {m_x->currentData().toString(), m_y->currentData().toString(), m_color->currentData().toString(),
          m_front->isChecked()};
}

void SweepView::redraw() {
  const bool isEmpty = m_model->cases().figures.isEmpty();
  m_shown = isEmpty ? SweepPlot()
                    : sweepPlot(m_model->cases(), m_second.lines.isEmpty() ? nullptr : &m_second, choice(),
                                first()->title(), second() ? second()->title() : QString());
  m_colorText->setText(m_shown.colorText);
  m_plot->setPicture(m_shown.picture);
}

void SweepView::changeEvent(QEvent* event) {
  View::changeEvent(event);
  if (event->type() == QEvent::FontChange) fitColumns(*m_table, kWidestColumn);
}

QWidget* SweepView::makeDetails() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(4, 2, 4, 4);
  m_details->setWordWrap(true);
  m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
  row->addWidget(m_details, 1);
  const auto add = [&](const QString& text, const QString& shortcut, void (SweepView::*act)()) {
    auto* action = new QAction(text, this);
    action->setShortcut(QKeySequence(shortcut));
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tr("%1 (%2)").arg(text, action->shortcut().toString(QKeySequence::NativeText)));
    connect(action, &QAction::triggered, this, act);
    addAction(action);
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    row->addWidget(button);
    return action;
  };
  m_open = add(tr("Open the result"), QStringLiteral("Return"), &SweepView::openLine);
  m_edit = add(tr("Edit its scenario"), QStringLiteral("E"), &SweepView::editLine);
  m_copy = add(tr("Copy its command"), QStringLiteral("Ctrl+Shift+C"), &SweepView::copyLine);
  return bar;
}

const SweepLine* SweepView::chosenLine() const {
  const int line = selectedRow(*m_table);
  return line < 0 || !first() ? nullptr : &m_model->cases().lines[line];
}

void SweepView::showLine() {
  const SweepLine* line = chosenLine();
  const auto scenario = line != nullptr ? scenarioOfLine(*first(), *line) : nullptr;
  m_open->setEnabled(line != nullptr && (line->run >= 0 || scenario != nullptr));
  m_open->setText(line != nullptr && line->run < 0 ? tr("Run it in the editor") : tr("Open the result"));
  m_edit->setEnabled(scenario != nullptr);
  m_copy->setEnabled(line != nullptr);
  if (line == nullptr) return m_details->setText(tr("A click on a point tells of its case; Enter opens it."));
  const QString title = lineTitle(m_model->cases(), *line);
  const QString changes = changesText(m_model->cases(), *line);
  QString text = QStringLiteral("<b>%1</b>").arg(title.toHtmlEscaped());
  if (changes != title) text += QStringLiteral(" %1").arg(changes.toHtmlEscaped());
  for (const QString& fault : faultLines(*line)) text += QStringLiteral("<br>%1").arg(fault.toHtmlEscaped());
  if (line->run < 0) {
    const QString kept = line->message.isEmpty() ? tr("This file keeps figures of it alone. ") : QString();
    text += QStringLiteral("<br>%1%2")
                .arg(kept, scenario != nullptr ? tr("Enter puts its scenario into the editor, which runs it.")
                                               : tr("With the scenario that it began with, this runs it:"));
  }
  text += QStringLiteral("<br><code>%1</code>").arg(runCommand(*line).toHtmlEscaped());
  m_details->setText(text);
}

void SweepView::openLine() {
  const SweepLine* line = chosenLine();
  if (line == nullptr) return;
  if (line->run < 0) return editLine();
  if (!m_folder) m_folder = std::make_unique<QTemporaryDir>();
  const QString path =
      m_folder->filePath(QStringLiteral("%1-case-%2.json").arg(first()->title()).arg(line->run));
  QFile file(path);
  if (!m_folder->isValid() || !file.open(QIODevice::WriteOnly)) {
    m_details->setText(tr("The case cannot be opened: %1").arg(file.errorString()));
    return;
  }
  const std::string text = first()->sweep()[static_cast<std::size_t>(line->run)].result->dump();
  file.write(text.data(), static_cast<qint64>(text.size()));
  file.close();
  Q_EMIT openRequested(path);
}

void SweepView::editLine() {
  const SweepLine* line = chosenLine();
  const auto scenario = line != nullptr ? scenarioOfLine(*first(), *line) : nullptr;
  if (scenario != nullptr)
    Q_EMIT editRequested(scenario,
                         QStringLiteral("%1-%2")
                             .arg(first()->title(), lineTitle(m_model->cases(), *line).remove(u','))
                             .replace(u' ', u'-'),
                         QFileInfo(first()->path()).absolutePath());
}

void SweepView::copyLine() {
  if (const SweepLine* line = chosenLine()) QGuiApplication::clipboard()->setText(runCommand(*line));
}

QString SweepView::csv() const {
  return tableCsv(*m_table->model());
}

QString SweepView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (m_model->rowCount() > 0) return {};
  return tr(
      "This file holds one run.\nOpen a file of moesim sweep, or the result of moesim search --json FILE, to "
      "compare "
      "many.");
}

}  // namespace moesim::gui
