#include "gui/views/validation_view.hpp"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/validation_model.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/plot_widget.hpp"
#include "gui/widgets/table_csv.hpp"

namespace moesim::gui {

ValidationView::ValidationView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_model(new ValidationModel(this)),
      m_sorted(new QSortFilterProxyModel(this)),
      m_summary(new QLabel),
      m_group(new QComboBox),
      m_scatter(new PlotWidget),
      m_errors(new PlotWidget),
      m_table(new QTableView) {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins({});
  column->setSpacing(2);
  auto* bar = new QHBoxLayout;
  bar->setContentsMargins(6, 4, 6, 0);
  auto* label = new QLabel(tr("&figures"));
  label->setBuddy(m_group);
  bar->addWidget(label);
  bar->addWidget(m_group);
  bar->addWidget(m_summary, 1);
  m_summary->setWordWrap(true);
  m_group->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  column->addLayout(bar);
  auto* plots = new QSplitter;
  plots->addWidget(m_scatter);
  plots->addWidget(m_errors);
  plots->setChildrenCollapsible(false);
  plots->setSizes({500, 500});
  auto* rows = new QSplitter(Qt::Vertical);
  rows->addWidget(plots);
  rows->addWidget(m_table);
  rows->setStretchFactor(0, 3);
  rows->setStretchFactor(1, 2);
  rows->setChildrenCollapsible(false);
  rows->setSizes({600, 400});
  column->addWidget(rows, 1);
  m_sorted->setSourceModel(m_model);
  m_sorted->setSortRole(ValidationModel::kSortRole);
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
  m_scatter->addActionsTo(*this);
  connect(m_group, &QComboBox::currentIndexChanged, this, &ValidationView::redraw);
  connect(m_scatter, &PlotWidget::pointClicked, this,
          [this](int, int curve, int index) { selectRow(m_scatterPlot, curve, index); });
  connect(m_errors, &PlotWidget::pointClicked, this,
          [this](int, int curve, int index) { selectRow(m_errorPlot, curve, index); });
  documentsChanged();
}

void ValidationView::documentsChanged() {
  m_model->setFigures(first() ? validationFigures(first()->result()) : QVector<ValidationFigure>());
  m_second = second() ? validationFigures(second()->result()) : QVector<ValidationFigure>();
  const QStringList groups = validationGroups(m_model->figures());
  const QString chosen = m_group->currentText();
  {
    const QSignalBlocker blocker(m_group);
    m_group->clear();
    m_group->addItems(groups);
    m_group->setCurrentIndex(std::max(0, m_group->findText(chosen)));
  }
  m_summary->setText(first() ? validationSummary(first()->result()) : QString());
  redraw();
  m_table->resizeColumnsToContents();
  constexpr int kWidest = 320;
  for (int column = 0; column < m_model->columnCount(); ++column)
    if (m_table->columnWidth(column) > kWidest) m_table->setColumnWidth(column, kWidest);
  m_stack->setEmptyText(emptyText());
}

void ValidationView::redraw() {
  m_scatterPlot = validationScatter(m_model->figures(), m_second, m_group->currentText());
  m_errorPlot = validationErrors(m_model->figures(), m_second);
  m_scatter->setPicture(m_scatterPlot.picture);
  m_errors->setPicture(m_errorPlot.picture);
}

void ValidationView::selectRow(const ValidationPlot& plot, int curve, int index) {
  if (plot.isSecond.value(curve)) return;
  const int row = plot.rows.value(curve).value(index, -1);
  const QModelIndex at = m_sorted->mapFromSource(m_model->index(row, 0));
  if (!at.isValid()) return;
  m_table->selectRow(at.row());
  m_table->scrollTo(at);
}

QString ValidationView::csv() const {
  return tableCsv(*m_sorted);
}

QString ValidationView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (m_model->rowCount() > 0) return {};
  return tr(
      "This file compares nothing with published figures.\nmoesim validate DIR --json FILE writes one that "
      "does.");
}

}  // namespace moesim::gui
