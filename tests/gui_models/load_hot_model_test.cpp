#include "gui/models/load_hot_model.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>

#include "tests/gui_models/load_fixture.hpp"

namespace moesim::gui {
namespace {

using test::historyOf;

ScenePtr sceneOf(const HistoryPtr& first, const HistoryPtr& second = nullptr) {
  return std::make_shared<const LoadScene>(LoadSceneSpec{{first, second}, {}, false, {}});
}

QString textAt(const LoadHotModel& model, int row, int column) {
  return model.index(row, column).data().toString();
}

TEST(LoadHotModelTest, TheHottestComeFirstAndCanBeSorted) {
  LoadHotModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  EXPECT_EQ(model.rowCount(), 0);
  const auto history = historyOf({{0, 3, {1, 2, 3, 10}}, {1200, 3, {4, 4, 4, 4}}});
  model.setScene(sceneOf(history), QStringLiteral("expert"), {QStringLiteral("run")});
  ASSERT_EQ(model.rowCount(), 4);
  EXPECT_EQ(model.columnCount(), LoadHotModel::kSide);
  EXPECT_EQ(model.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("Expert"));
  EXPECT_EQ(textAt(model, 0, LoadHotModel::kElement), QStringLiteral("3"));
  EXPECT_EQ(textAt(model, 0, LoadHotModel::kStep), QStringLiteral("0"));
  EXPECT_EQ(textAt(model, 0, LoadHotModel::kOverMean), QStringLiteral("2.50"));
  // The others are hottest where all are alike.
  EXPECT_EQ(textAt(model, 1, LoadHotModel::kStep), QStringLiteral("1,200"));
  model.sort(LoadHotModel::kElement, Qt::AscendingOrder);
  EXPECT_EQ(textAt(model, 0, LoadHotModel::kElement), QStringLiteral("0"));
}

TEST(LoadHotModelTest, OneColumnOrAllOfThem) {
  LoadHotModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  const auto history = historyOf({{0, 3, {1, 3}}, {5, 3, {5, 1}}});
  model.setScene(sceneOf(history), QStringLiteral("GPU"), {});
  model.setColumn(1);
  ASSERT_EQ(model.rowCount(), 2);
  EXPECT_EQ(model.rowAt(0).cell, (HotCell{3, 0, 5, 5, 5.0F / 3}));
  model.setColumn({});
  EXPECT_EQ(model.rowAt(1).cell, (HotCell{3, 1, 0, 3, 1.5F}));
}

TEST(LoadHotModelTest, TwoSidesAreNamed) {
  LoadHotModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setScene(sceneOf(historyOf({{0, 3, {1, 3}}}), historyOf({{0, 3, {4, 0}}})), QStringLiteral("expert"),
                 {QStringLiteral("before"), QStringLiteral("after")});
  EXPECT_EQ(model.columnCount(), LoadHotModel::kNumColumns);
  EXPECT_EQ(textAt(model, 0, LoadHotModel::kSide), QStringLiteral("after"));
  EXPECT_EQ(textAt(model, 1, LoadHotModel::kSide), QStringLiteral("before"));
  model.setScene(nullptr, {}, {});
  EXPECT_EQ(model.rowCount(), 0);
}

}  // namespace
}  // namespace moesim::gui
