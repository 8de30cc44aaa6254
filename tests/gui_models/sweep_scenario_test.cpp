#include "gui/models/sweep_scenario.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moesim::gui {
namespace {

RunDocument documentOf(const char* text) {
  RunParts parts;
  parts.result = std::make_shared<const Json>(Json::parse(text));
  return RunDocument(parts);
}

TEST(SweepScenarioTest, ATrainingLayoutOfASearchTakesThePlaceOfTheScenarios) {
  const RunDocument document = documentOf(R"({"kind": "search", "scenario": {"kind": "training",
      "layout": {"ep": 32, "stage_layers": []}, "recipe": {"global_batch": 8}, "published": [1]},
      "summary": {"figure": "v", "best": [{"value": 1, "changes": {"/layout/ep": 64, "/recipe/global_batch": 16,
      "/layout/stage_layers": "even"}, "layout": {"ep": 64, "stage_layers": [4, 4]}}],
      "own": {"value": 2, "changes": {}}}})");
  const SweepCases cases = sweepCases(document);
  ASSERT_EQ(cases.lines.size(), 2);
  const auto best = scenarioOfLine(document, cases.lines[0]);
  ASSERT_TRUE(best);
  EXPECT_EQ(*best, Json::parse(R"({"kind": "training", "layout": {"ep": 64, "stage_layers": [4, 4]},
                                   "recipe": {"global_batch": 16}})"));
  EXPECT_EQ(*scenarioOfLine(document, cases.lines[1]), document.result()["scenario"]);
}

TEST(SweepScenarioTest, PoolsOfAServingSearchAreChangedInPlace) {
  const RunDocument document = documentOf(R"({"kind": "search", "scenario": {"kind": "serving",
      "deployment": {"decode": {"units": 2, "layout": {"gpus": 144}}}},
      "summary": {"best": [{"value": 1, "changes": {"/deployment/decode/layout/gpus": 96},
      "layout": {"decode": {"gpus": 96}}}]}})");
  const auto scenario = scenarioOfLine(document, sweepCases(document).lines.at(0));
  ASSERT_TRUE(scenario);
  EXPECT_EQ(*scenario, Json::parse(R"({"kind": "serving",
      "deployment": {"decode": {"units": 2, "layout": {"gpus": 96}}}})"));
}

TEST(SweepScenarioTest, CasesOfAGridHaveTheScenarioOfTheirNumber) {
  RunParts parts;
  parts.result = std::make_shared<const Json>(Json::parse(R"({"kind": "sweep", "grid": {
      "scenarios": [{"kind": "training", "model": "a"}, {"kind": "training", "model": "b"}],
      "vary": {"/seed": [1, 2]}, "seeds": []}})"));
  for (int i = 0; i < 5; ++i) {
    SweepRun run;
    run.index = i;
    run.changes = std::make_shared<const Json>(Json{{"/seed", 1 + i % 2}});
    run.message = QStringLiteral("failed");
    parts.sweep.push_back(run);
  }
  const RunDocument document(parts);
  const SweepCases cases = sweepCases(document);
  EXPECT_EQ(*scenarioOfLine(document, cases.lines.at(1)),
            Json::parse(R"({"kind": "training", "model": "a", "seed": 2})"));
  EXPECT_EQ(*scenarioOfLine(document, cases.lines.at(2)),
            Json::parse(R"({"kind": "training", "model": "b", "seed": 1})"));
  EXPECT_FALSE(scenarioOfLine(document, cases.lines.at(4)));  // beyond the grid
}

TEST(SweepScenarioTest, DocumentsWithoutAScenarioGiveNone) {
  SweepLine line;
  line.raw = std::make_shared<const Json>(Json{{"/layout/ep", 64}});
  for (const char* text :
       {"{}", R"({"scenario": 3})", R"({"scenario": {}})", R"({"scenario": {"kind": "training",
      "layout": 7}})"})
    EXPECT_FALSE(scenarioOfLine(documentOf(text), line)) << text;
}

TEST(SweepScenarioTest, TheCommandIsQuotedForAShell) {
  SweepLine line;
  EXPECT_EQ(runCommand(line), QStringLiteral("moesim run SCENARIO -o FOLDER"));
  line.raw = std::make_shared<const Json>(
      Json{{"/layout/ep", 64}, {"/layout/recompute", {"a", "b"}}, {"/model", "it's"}});
  EXPECT_EQ(runCommand(line),
            QStringLiteral("moesim run SCENARIO --set /layout/ep=64 --set "
                           "'/layout/recompute=[\"a\",\"b\"]' --set '/model=it'\\''s' -o FOLDER"));
}

}  // namespace
}  // namespace moesim::gui
