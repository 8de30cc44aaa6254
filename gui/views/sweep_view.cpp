#include "gui/views/sweep_view.hpp"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QFile>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "gui/models/result_json.hpp"
#include "gui/models/sweep_model.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/plot_widget.hpp"
#include "gui/widgets/table_csv.hpp"

namespace moesim::gui {

SweepView::SweepView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_model(new SweepModel(this)),
      m_sorted(new QSortFilterProxyModel(this)),
      m_details(new QLabel),
      m_plot(new PlotWidget),
      m_table(new QTableView) {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins({});
  column->setSpacing(2);
  column->addWidget(makeChoosers());
  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->addWidget(m_plot);
  splitter->addWidget(m_table);
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 2);
  splitter->setChildrenCollapsible(false);
  splitter->setSizes({600, 400});
  column->addWidget(splitter, 1);
  column->addWidget(m_details);
  m_details->setMargin(4);
  m_details->setWordWrap(true);
  m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_sorted->setSourceModel(m_model);
  m_sorted->setSortRole(SweepModel::kSortRole);
  m_table->setModel(m_sorted);
  m_table->setSortingEnabled(true);
  m_table->sortByColumn(-1, Qt::AscendingOrder);
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
  m_table->setWordWrap(false);
  m_table->setAlternatingRowColors(true);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_stack = new EmptyStack(content);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(m_stack);
  m_plot->addActionsTo(*this);
  auto* open = new QAction(tr("Open the selected case"), this);
  open->setShortcut(QKeySequence(Qt::Key_Return));
  open->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  addAction(open);
  connect(open, &QAction::triggered, this, &SweepView::openLine);
  connect(m_table, &QTableView::doubleClicked, this, &SweepView::openLine);
  connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SweepView::showLine);
  connect(m_plot, &PlotWidget::pointClicked, this, [this](int, int curve, int index) {
    if (!m_shown.isSecond.value(curve)) selectLine(m_shown.lines.value(curve).value(index, -1));
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
  m_table->resizeColumnsToContents();
  constexpr int kWidest = 260;
  for (int column = 0; column < m_model->columnCount(); ++column)
    if (m_table->columnWidth(column) > kWidest) m_table->setColumnWidth(column, kWidest);
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
  const auto fill = [](QComboBox* box, const QStringList& values, const QString& chosen, bool hasNone) {
    const QSignalBlocker blocker(box);
    box->clear();
    if (hasNone) box->addItem(tr("none"), QString());
    for (const QString& key : values)
      box->addItem(key.startsWith(QLatin1Char('/')) ? key : figureLabel(key), key);
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
  if (event->type() == QEvent::FontChange) m_table->resizeColumnsToContents();
}

int SweepView::selectedLine() const {
  const QModelIndexList rows = m_table->selectionModel()->selectedRows();
  return rows.isEmpty() ? -1 : m_sorted->mapToSource(rows[0]).row();
}

void SweepView::selectLine(int line) {
  const QModelIndex index = m_sorted->mapFromSource(m_model->index(line, 0));
  if (!index.isValid()) return;
  m_table->selectRow(index.row());
  m_table->scrollTo(index);
}

void SweepView::showLine() {
  const int line = selectedLine();
  if (line < 0) {
    m_details->setText(tr("A click on a point tells its changes; Enter opens its result."));
    return;
  }
  const SweepLine& one = m_model->cases().lines[line];
  QStringList texts;
  if (one.raw && one.raw->is_object()) {
    for (const auto& [pointer, value] : one.raw->items())
      texts.append(QStringLiteral("--set %1=%2").arg(QString::fromStdString(pointer), shortText(value)));
  }
  QString text = QStringLiteral("<b>%1</b> %2")
                     .arg(one.name.toHtmlEscaped(), texts.join(QLatin1Char(' ')).toHtmlEscaped());
  if (!one.message.isEmpty()) text += QStringLiteral("<br>%1").arg(one.message.toHtmlEscaped());
  m_details->setText(text);
}

void SweepView::openLine() {
  const int line = selectedLine();
  if (line < 0 || !first()) return;
  const int run = m_model->cases().lines[line].run;
  if (run < 0) {
    m_details->setText(m_details->text() + QStringLiteral("<br>") +
                       tr("A search keeps figures alone: run it with these changes to see more."));
    return;
  }
  if (!m_folder) m_folder = std::make_unique<QTemporaryDir>();
  const QString path = m_folder->filePath(QStringLiteral("%1-case-%2.json").arg(first()->title()).arg(run));
  QFile file(path);
  if (!m_folder->isValid() || !file.open(QIODevice::WriteOnly)) {
    m_details->setText(tr("The case cannot be opened: %1").arg(file.errorString()));
    return;
  }
  const std::string text = first()->sweep()[static_cast<std::size_t>(run)].result->dump();
  file.write(text.data(), static_cast<qint64>(text.size()));
  file.close();
  Q_EMIT openRequested(path);
}

QString SweepView::csv() const {
  return tableCsv(*m_sorted);
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
