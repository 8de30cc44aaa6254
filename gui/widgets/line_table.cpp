#include "gui/widgets/line_table.hpp"

#include <QHeaderView>
#include <QTableView>

namespace moesim::gui {

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

}  // namespace moesim::gui
