#include "gui/widgets/line_table.hpp"

#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>

namespace moesim::gui {
namespace {

const QSortFilterProxyModel* sorterOf(const QTableView& table) {
  return qobject_cast<const QSortFilterProxyModel*>(table.model());
}

}  // namespace

QTableView* makeLineTable(QAbstractItemModel* model) {
  auto* table = new QTableView;
  table->setModel(model);
  table->verticalHeader()->hide();
  table->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table->setWordWrap(false);
  table->setShowGrid(false);
  table->setAlternatingRowColors(true);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  return table;
}

QTableView* makeRowTable(QAbstractItemModel* model, int sortRole) {
  QTableView* table = makeLineTable(model);
  table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 8);
  table->setSelectionMode(QAbstractItemView::SingleSelection);
  if (sortRole < 0) return table;
  auto* sorted = new QSortFilterProxyModel(table);
  sorted->setSourceModel(model);
  sorted->setSortRole(sortRole);
  table->setModel(sorted);
  table->setSortingEnabled(true);
  table->sortByColumn(-1, Qt::AscendingOrder);
  return table;
}

int selectedRow(const QTableView& table) {
  const QModelIndexList rows = table.selectionModel()->selectedRows();
  if (rows.isEmpty()) return -1;
  const QSortFilterProxyModel* sorter = sorterOf(table);
  return (sorter != nullptr ? sorter->mapToSource(rows[0]) : rows[0]).row();
}

void selectRow(QTableView& table, int row) {
  const QSortFilterProxyModel* sorter = sorterOf(table);
  const QModelIndex index = sorter != nullptr ? sorter->mapFromSource(sorter->sourceModel()->index(row, 0))
                                              : table.model()->index(row, 0);
  if (!index.isValid()) return;
  table.selectRow(index.row());
  table.scrollTo(index);
}

void fitColumns(QTableView& table, int widest) {
  table.resizeColumnsToContents();
  for (int column = 0; column < table.model()->columnCount(); ++column)
    if (table.columnWidth(column) > widest) table.setColumnWidth(column, widest);
}

QSplitter* makeSplitter(Qt::Orientation orientation, std::initializer_list<SplitPart> parts) {
  constexpr int kPixels = 100;  // a share, where nothing else says the size
  auto* splitter = new QSplitter(orientation);
  QList<int> sizes;
  for (const SplitPart& part : parts) {
    splitter->addWidget(part.widget);
    splitter->setStretchFactor(splitter->count() - 1, part.share);
    sizes.append(kPixels * part.share);
  }
  splitter->setChildrenCollapsible(false);
  splitter->setSizes(sizes);
  return splitter;
}

}  // namespace moesim::gui
