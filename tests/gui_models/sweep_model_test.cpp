#include "gui/models/sweep_model.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QBrush>
#include <QGuiApplication>
#include <QPalette>
#include <cmath>
#include <nlohmann/json.hpp>

#include "gui/models/csv_role.hpp"

namespace moesim::gui {
namespace {

std::shared_ptr<const Json> json(const char* text) {
  return std::make_shared<const Json>(Json::parse(text));
}

RunDocument sweepDocument() {
  RunParts parts;
  parts.result = json(R"({"kind": "sweep"})");
  const auto add = [&](const char* name, const char* changes, const char* result, const char* message) {
    SweepRun run;
    run.index = static_cast<std::int64_t>(parts.sweep.size());
    run.name = QString::fromLatin1(name);
    run.changes = json(changes);
    if (*result != 0) run.result = json(result);
    run.message = QString::fromLatin1(message);
    parts.sweep.push_back(run);
  };
  add("a", R"({"/layout/ep": 32, "/engine": "replay", "/layout/schedule": "1f1b"})",
      R"({"summary": {"step_time_s": 20, "memory": {"max_B": 7e10}}})", "");
  add("b", R"({"/layout/ep": 64, "/engine": "replay", "/layout/schedule": "dualpipe"})",
      R"({"summary": {"step_time_s": 19, "mfu": null, "odd": [1, 2]}})", "");
  add("c", R"({"/layout/ep": 96, "/engine": "replay", "/layout/schedule": "dualpipe"})", "", "does not fit");
  return RunDocument(parts);
}

RunDocument searchDocument(const char* summary) {
  RunParts parts;
  parts.result = json((std::string(R"({"kind": "search", "summary": )") + summary + "}").c_str());
  return RunDocument(parts);
}

TEST(SweepCasesTest, RunsOfASweepHaveChangesAndFigures) {
  const SweepCases cases = sweepCases(sweepDocument());
  // The engine is the same everywhere and no axis.
  EXPECT_EQ(cases.axes, QStringList({QStringLiteral("/layout/ep"), QStringLiteral("/layout/schedule")}));
  EXPECT_EQ(cases.figures, QStringList({QStringLiteral("step_time_s"), QStringLiteral("memory.max_B")}));
  ASSERT_EQ(cases.lines.size(), 3);
  EXPECT_EQ(cases.lines[1].numbers[0], 64);
  EXPECT_TRUE(std::isnan(cases.lines[1].numbers[1]));
  EXPECT_TRUE(std::isnan(cases.lines[1].figures[1]));
  EXPECT_EQ(cases.lines[2].message, QStringLiteral("does not fit"));
  EXPECT_EQ(cases.lines[2].run, -1);
}

TEST(SweepCasesTest, SearchesHaveTheirBestTheirFrontAndTheScenarioItself) {
  const SweepCases cases = sweepCases(searchDocument(R"({"figure": "tokens_per_s_per_gpu",
      "best": [{"changes": {"/layout/ep": 64}, "value": 1590, "figures": {"step_time_s": 19}},
               {"changes": {"/layout/ep": 32}, "value": 1500, "figures": {"step_time_s": 20}}],
      "pareto": [{"changes": {"/layout/ep": 64}, "figures": {"step_time_s": 19}},
                 {"changes": {"/layout/ep": 128}, "figures": {"step_time_s": 18}}],
      "own": {"changes": {}, "value": 1400, "figures": {"step_time_s": 21}}})"));
  ASSERT_EQ(cases.lines.size(), 4);
  EXPECT_EQ(cases.lines[2].name, QStringLiteral("pareto 2"));
  EXPECT_TRUE(cases.lines[3].isOwn);
  const qsizetype value = cases.figures.indexOf(QStringLiteral("tokens_per_s_per_gpu"));
  EXPECT_EQ(cases.lines[1].figures[value], 1500);
}

TEST(SweepCasesTest, DamagedSearchesAreEmpty) {
  for (const char* summary : {"{}", "3", R"({"best": 3})", R"({"best": [1, null, {}]})", R"({"own": []})"})
    for (const SweepLine& line : sweepCases(searchDocument(summary)).lines)
      EXPECT_TRUE(line.figures.isEmpty()) << summary;
}

TEST(SweepCasesTest, TheFrontIsWhatNoOtherBeats) {
  const double none = std::nan("");
  // More y is better, less x is: (1, 5), (2, 7) and (4, 9) beat the rest.
  const QVector<double> x{1, 2, 3, 4, 4, none, 0};
  const QVector<double> y{5, 7, 6, 9, 8, 99, none};
  EXPECT_EQ(paretoFront(x, false, y, true), QVector<int>({0, 1, 3}));
  EXPECT_TRUE(paretoFront({}, false, {}, true).isEmpty());
}

TEST(SweepCasesTest, RatesAreBetterWhenMoreAndTimesWhenLess) {
  EXPECT_TRUE(isBetterMore(QStringLiteral("tokens_per_s_per_gpu")));
  EXPECT_TRUE(isBetterMore(QStringLiteral("mfu_causal")));
  EXPECT_FALSE(isBetterMore(QStringLiteral("ttft_s.p99")));
  EXPECT_FALSE(isBetterMore(QStringLiteral("cost_usd_per_trillion_tokens")));
}

TEST(SweepCasesTest, AxesReadAsTheirLastPartWithWhatTellsThemApart) {
  EXPECT_EQ(axisLabels({QStringLiteral("/layout/ep"), QStringLiteral("/seed")}),
            QStringList({QStringLiteral("ep"), QStringLiteral("seed")}));
  EXPECT_EQ(axisLabels({QStringLiteral("/a/units"), QStringLiteral("/b/units")}),
            QStringList({QStringLiteral("a units"), QStringLiteral("b units")}));
  EXPECT_EQ(axisLabels({QStringLiteral("/d/decode/layout/gpus"), QStringLiteral("/d/prefill/layout/gpus"),
                        QStringLiteral("/layout/micro_batch")}),
            QStringList({QStringLiteral("decode gpus"), QStringLiteral("prefill gpus"),
                         QStringLiteral("micro batch")}));
}

TEST(SweepModelTest, NamesThatAreChangesAndFaultsAreReadable) {
  RunParts parts;
  parts.result = json(R"({"kind": "sweep"})");
  for (int i = 0; i < 2; ++i) {
    SweepRun run;
    run.name = QStringLiteral("/layout/micro_batch=%1").arg(i);
    run.changes = std::make_shared<const Json>(Json{{"/layout/micro_batch", i}});
    run.message =
        QStringLiteral("/a/b/scenario.json: /layout: does not fit\n/a/b/scenario.json: /layout/ep: odd");
    parts.sweep.push_back(run);
  }
  SweepModel model;
  model.setCases(sweepCases(RunDocument(parts)));
  EXPECT_EQ(model.index(1, 0).data().toString(), QStringLiteral("micro batch 1"));
  EXPECT_EQ(model.index(1, 0).data(kCsvRole).toString(), QStringLiteral("/layout/micro_batch=1"));
  EXPECT_EQ(model.index(1, 1).data().toString(), QStringLiteral("/layout: does not fit"));
  EXPECT_EQ(model.index(1, 1).data(Qt::ToolTipRole).toString(), parts.sweep[1].message);
}

TEST(SweepModelTest, RowsAreCases) {
  SweepModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setCases(sweepCases(sweepDocument()));
  ASSERT_EQ(model.rowCount(), 3);
  ASSERT_EQ(model.columnCount(), 1 + 2 + 2 + 1);
  EXPECT_EQ(model.index(2, 1).data().toString(), QStringLiteral("does not fit"));
  EXPECT_EQ(model.index(0, 4).data().toString(), QStringLiteral("20 s"));
  EXPECT_EQ(model.index(0, 5).data().toString(), QStringLiteral("70 GB"));
  EXPECT_EQ(model.index(1, 2).data(SweepModel::kSortRole).toDouble(), 64);
  EXPECT_LT(model.index(2, 4).data(SweepModel::kSortRole).toDouble(), -1e300);  // before every number
  EXPECT_EQ(model.headerData(2, Qt::Horizontal, Qt::ToolTipRole).toString(), QStringLiteral("/layout/ep"));
  // What failed is grey as a whole.
  const QColor grey = QGuiApplication::palette().color(QPalette::Disabled, QPalette::Text);
  for (int column = 0; column < model.columnCount(); ++column) {
    EXPECT_EQ(qvariant_cast<QBrush>(model.index(2, column).data(Qt::ForegroundRole)).color(), grey);
    EXPECT_FALSE(model.index(0, column).data(Qt::ForegroundRole).isValid());
  }
  EXPECT_EQ(model.headerData(4, Qt::Horizontal, kCsvRole).toString(), QStringLiteral("step_time_s"));
  EXPECT_EQ(model.headerData(2, Qt::Horizontal, kCsvRole).toString(), QStringLiteral("/layout/ep"));
  EXPECT_EQ(model.index(0, 5).data(kCsvRole).toDouble(), 7e10);
  EXPECT_EQ(model.index(0, 0).data(kCsvRole).toString(), QStringLiteral("a"));
  EXPECT_FALSE(model.index(0, 2).data(kCsvRole).isValid());
  model.setCases({});
  EXPECT_EQ(model.rowCount(), 0);
}

}  // namespace
}  // namespace moesim::gui
