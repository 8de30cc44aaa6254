#include "gui/widgets/line_table.hpp"

#include <gtest/gtest.h>

#include <QHeaderView>
#include <QSplitter>
#include <QStandardItemModel>
#include <QTableView>
#include <cmath>
#include <limits>
#include <memory>

#include "gui/models/csv_role.hpp"
#include "gui/widgets/table_csv.hpp"

namespace moesim::gui {
namespace {

/// One column; the sort role is the number behind the text.
void fill(QStandardItemModel& model) {
  int number = 30;
  for (const char* text : {"c", "a", "b"}) {
    auto* item = new QStandardItem(QString::fromLatin1(text));
    item->setData(number -= 10, Qt::UserRole);
    model.appendRow(item);
  }
}

TEST(LineTableTest, RowsAreThoseOfTheModelHoweverTheyAreSorted) {
  QStandardItemModel model;
  fill(model);
  const std::unique_ptr<QTableView> table(makeRowTable(&model, Qt::UserRole));
  EXPECT_EQ(selectedRow(*table), -1);
  EXPECT_EQ(table->model()->index(0, 0).data().toString(), QStringLiteral("c"));  // not sorted yet
  table->sortByColumn(0, Qt::AscendingOrder);
  EXPECT_EQ(table->model()->index(0, 0).data().toString(), QStringLiteral("b"));  // 0 is the least
  selectRow(*table, 1);
  EXPECT_EQ(selectedRow(*table), 1);
  EXPECT_EQ(table->selectionModel()->selectedRows().at(0).data().toString(), QStringLiteral("a"));
  selectRow(*table, 7);  // there is none
  selectRow(*table, -1);
  EXPECT_EQ(selectedRow(*table), 1);
}

TEST(LineTableTest, TablesWithoutASortRoleStayInOrder) {
  QStandardItemModel model;
  fill(model);
  const std::unique_ptr<QTableView> table(makeRowTable(&model));
  EXPECT_EQ(table->model(), &model);
  selectRow(*table, 2);
  EXPECT_EQ(selectedRow(*table), 2);
}

TEST(LineTableTest, ColumnsFitWhatTheyHoldUpToALimit) {
  QStandardItemModel model;
  model.appendRow({new QStandardItem(QString(400, u'w')), new QStandardItem(QStringLiteral("x"))});
  const std::unique_ptr<QTableView> table(makeRowTable(&model));
  fitColumns(*table, 150);
  EXPECT_EQ(table->columnWidth(0), 150);
  EXPECT_LT(table->columnWidth(1), 150);
}

TEST(LineTableTest, PartsOfASplitterHaveTheirShares) {
  const std::unique_ptr<QSplitter> splitter(makeSplitter(Qt::Vertical, {{new QWidget, 3}, {new QWidget, 1}}));
  splitter->resize(100, 800);
  splitter->grab();
  EXPECT_EQ(splitter->count(), 2);
  EXPECT_NEAR(splitter->sizes().at(0), 600, 20);
  EXPECT_FALSE(splitter->childrenCollapsible());
}

TEST(TableCsvTest, NumbersHaveEveryDigitAndHeadingsTheirKey) {
  QStandardItemModel model;
  const auto add = [&](const QVariant& exact) {
    auto* item = new QStandardItem(QStringLiteral("12.3 s"));
    item->setData(exact, kCsvRole);
    model.appendRow(item);
  };
  add(12.345678901234567);
  add(std::numeric_limits<double>::quiet_NaN());
  add(QVariant());
  model.setHorizontalHeaderItem(0, new QStandardItem(QStringLiteral("step time")));
  model.horizontalHeaderItem(0)->setData(QStringLiteral("step_time_s"), kCsvRole);
  EXPECT_EQ(tableCsv(model), QStringLiteral("step_time_s\r\n12.345678901234567\r\n\r\n12.3 s\r\n"));
}

}  // namespace
}  // namespace moesim::gui
