#include "gui/models/comparison_model.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <nlohmann/json.hpp>

namespace moesim::gui {
namespace {

DocumentPtr result(const char* path, double stepTime, int ep, const char* kind = "training") {
  RunParts parts;
  parts.path = QString::fromLatin1(path);
  Json document = Json::parse(R"({"schema_version": 1, "scenario": {"layout": {}}, "summary": {}})");
  document["kind"] = kind;
  document["scenario"]["kind"] = kind;
  document["scenario"]["layout"]["ep"] = ep;
  document["summary"]["step_time_s"] = stepTime;
  parts.result = std::make_shared<const Json>(std::move(document));
  return std::make_shared<const RunDocument>(std::move(parts));
}

/// The row whose tool tip is the key.
int rowOf(const ComparisonModel& model, const char* key) {
  for (int row = 0; row < model.rowCount(); ++row)
    if (model.index(row, 0).data(Qt::ToolTipRole).toString() == QLatin1String(key)) return row;
  return -1;
}

TEST(ComparisonModelTest, FiguresHaveDifferencesAndInputsThatDifferAreListed) {
  ComparisonModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setDocuments(result("a.json", 2.0, 32), result("b.json", 3.0, 64));
  const int figure = rowOf(model, "step_time_s");
  ASSERT_GE(figure, 0);
  EXPECT_EQ(model.index(figure, ComparisonModel::kSecond).data().toString(), QStringLiteral("3 s"));
  EXPECT_EQ(model.index(figure, ComparisonModel::kDifference).data().toString(), QStringLiteral("+50.0 %"));
  EXPECT_EQ(model.index(figure, ComparisonModel::kDifference).data(ComparisonModel::kFractionRole).toDouble(),
            0.5);
  const int input = rowOf(model, "/layout/ep");
  ASSERT_GE(input, 0);
  EXPECT_LT(input, figure);  // what was changed is above what came of it
  EXPECT_EQ(model.index(0, ComparisonModel::kLabel).data().toString(), QStringLiteral("inputs that differ"));
  EXPECT_EQ(model.index(input, ComparisonModel::kFirst).data().toString(), QStringLiteral("32"));
  EXPECT_EQ(model.headerData(ComparisonModel::kSecond, Qt::Horizontal, Qt::DisplayRole).toString(),
            QStringLiteral("b"));
}

TEST(ComparisonModelTest, ResultsOfOneNameAreToldApart) {
  ComparisonModel model;
  model.setDocuments(result("x/a.json", 2.0, 32), result("y/a.json", 3.0, 64));
  EXPECT_EQ(model.headerData(ComparisonModel::kFirst, Qt::Horizontal, Qt::DisplayRole).toString(),
            QStringLiteral("a (1)"));
}

TEST(ComparisonModelTest, OtherKindsAreAFault) {
  ComparisonModel model;
  model.setDocuments(result("a.json", 2.0, 32), result("b.json", 3.0, 64, "serving"));
  EXPECT_EQ(model.rowCount(), 0);
  EXPECT_FALSE(model.fault().isEmpty());
  model.setDocuments(nullptr, nullptr);
  EXPECT_TRUE(model.fault().isEmpty());
}

}  // namespace
}  // namespace moesim::gui
