#include "sim/planner/sweep/grid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

constexpr const char* kScenario =
    R"({"schema_version": 1, "kind": "training", "layout": {"tp": 8}, "cluster": "h800-2048"})";

/// A grid over kScenario with these keys.
Json grid(const std::string& keys) {
  return parse_json(R"({"schema_version": 1, "scenario": )" + std::string(kScenario) + ", " + keys + "}",
                    "test");
}

SpecError fault_of(const Json& document) {
  try {
    const SweepGrid read(document, "grid.json");
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << "accepted: " << document.dump();
  return {"", "", "", ""};
}

SpecError fault_with(const std::string& keys) {
  return fault_of(grid(keys));
}

std::vector<std::string> names_of(const SweepGrid& read) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < read.num_cases(); ++i) names.push_back(read.name(i));
  return names;
}

TEST(SweepGrid, NumbersItsCasesTheLastPlaceAndTheSeedsFastest) {
  const SweepGrid read(grid(R"("vary": {"/layout/tp": [1, 2], "/layout/pp": [4]}, "seeds": [7, 8])"),
                       "g.json");
  EXPECT_EQ(read.kind(), "training");
  EXPECT_THAT(names_of(read), testing::ElementsAre("/layout/tp=1 /seed=7", "/layout/tp=1 /seed=8",
                                                   "/layout/tp=2 /seed=7", "/layout/tp=2 /seed=8"));
  EXPECT_EQ(read.changes(3), parse_json(R"({"/layout/pp": 4, "/layout/tp": 2, "/seed": 8})", "test"));
  const WorkerRequest request = read.request(3);
  EXPECT_EQ(request.id, "3");
  EXPECT_EQ(request.file, "g.json");
  EXPECT_EQ(parse_json(request.scenario.text, "test"),
            parse_json(R"({"schema_version": 1, "kind": "training", "layout": {"tp": 2, "pp": 4},
                           "cluster": "h800-2048", "seed": 8})",
                       "test"));
}

TEST(SweepGrid, RunsEachListedCaseWithEachVariedValue) {
  const SweepGrid read(
      grid(R"("cases": [{"name": "as it is"}, {"set": {"/layout/ep": 8}}], "vary": {"/layout/tp": [1, 2]})"),
      "g.json");
  EXPECT_THAT(names_of(read), testing::ElementsAre("as it is /layout/tp=1", "as it is /layout/tp=2",
                                                   "/layout/ep=8 /layout/tp=1", "/layout/ep=8 /layout/tp=2"));
  EXPECT_EQ(read.changes(2), parse_json(R"({"/layout/ep": 8, "/layout/tp": 1})", "test"));
}

TEST(SweepGrid, IsOneCaseWhereNothingIsVaried) {
  const SweepGrid read(
      parse_json(R"({"schema_version": 1, "scenario": "deepseek-v3-pretrain-2048xh800"})", "test"), "g.json");
  EXPECT_THAT(names_of(read), testing::ElementsAre("deepseek-v3-pretrain-2048xh800"));
  EXPECT_TRUE(read.changes(0).empty());
  EXPECT_THAT(read.request(0).file, HasSubstr("workloads/scenarios/"));
}

TEST(SweepGrid, RunsSeveralScenariosOfOneKind) {
  const Json document = parse_json(R"({"schema_version": 1, "scenarios": ["mixtral-8x22b-128xh100",
                                       "qwen3-235b-256xh100"], "seeds": [1, 2]})",
                                   "test");
  const SweepGrid read(document, "g.json");
  EXPECT_EQ(read.num_cases(), 4);
  EXPECT_EQ(read.name(2), "qwen3-235b-256xh100 /seed=1");
  Json other = document;
  other["scenarios"][1] = "deepseek-v3-routing-quick";
  EXPECT_EQ(fault_of(other).pointer, "/scenarios/1");
  EXPECT_THAT(fault_of(other).what_text, HasSubstr("of the kind routing"));
  other["scenarios"][1] = "mixtral-8x22b-128xh100";
  EXPECT_THAT(fault_of(other).what_text, HasSubstr("a second 'mixtral"));
}

TEST(SweepGrid, PathsAreRelativeToItsFile) {
  const test::OwnFile file("scenario.json");
  std::ofstream(file.path()) << kScenario;
  const Json document{{"schema_version", 1}, {"scenario", file.path().filename().string()}};
  const SweepGrid read(document, (file.path().parent_path() / "g.json").string());
  EXPECT_EQ(read.request(0).file, file.path().string());
  EXPECT_EQ(read.document()["scenario"], parse_json(kScenario, "test"))
      << "the scenario itself, not its name";
}

TEST(SweepGrid, RefusesTooManyCasesWithTheirNumber) {
  Json document = grid(R"("vary": {})");
  for (const char* pointer : {"/layout/tp", "/layout/pp", "/layout/ep"}) {
    for (int i = 1; i <= 1000; ++i) document["vary"][pointer].push_back(i);
  }
  const SpecError error = fault_of(document);
  EXPECT_EQ(error.file, "grid.json");
  EXPECT_THAT(error.what_text, HasSubstr("1000000000 cases; a sweep runs at most 1000000"));
}

TEST(SweepGrid, NamesThePlaceOfAFault) {
  const SpecError place = fault_with(R"("vary": {"/layout/tpp": [1]})");
  EXPECT_EQ(place.pointer, "/vary/~1layout~1tpp");
  EXPECT_EQ(place.hint, "did you mean 'tp'?");
  EXPECT_EQ(fault_with(R"("cases": [{"set": {"/layot/tp": 1}}])").pointer, "/cases/0/set/~1layot~1tp");
  EXPECT_EQ(fault_with(R"("vary": {"/layout/tp": []})").what_text, "no value");
  EXPECT_EQ(fault_with(R"("vary": {"/layout/tp": [1, 2, 1]})").what_text, "the value 1 comes twice");
  EXPECT_EQ(fault_with(R"("seeds": [3, 3])").what_text, "the seed 3 comes twice");
  EXPECT_EQ(fault_with(R"("seeds": [3], "vary": {"/seed": [1]})").pointer, "/seeds");
  EXPECT_EQ(fault_with(R"("cases": [{"set": {"/layout/tp": 1}}], "vary": {"/layout/tp": [1]})").pointer,
            "/cases/0/set/~1layout~1tp");
  EXPECT_EQ(fault_with(R"("cases": [{"set": {"/layout/tp": 1}}, {"set": {"/layout/tp": 1}}])").pointer,
            "/cases/1");
  EXPECT_EQ(fault_with(R"("scenarios": ["a.json"])").what_text, "a grid has one scenario, or several");
  EXPECT_EQ(fault_with(R"("varry": {})").pointer, "/varry");
  EXPECT_THAT(fault_with(R"("vary": {"/cluster/nic/bandwidth": ["1 GB/s"]})").hint,
              HasSubstr(R"("base":"h800-2048")"));
  EXPECT_THAT(
      fault_of(parse_json(R"({"schema_version": 1, "scenario": "deepseek-v3-pretrain-2048xh80"})", "t")).hint,
      HasSubstr("did you mean 'deepseek-v3-pretrain-2048xh800'?"));
  EXPECT_EQ(fault_of(parse_json(R"({"schema_version": 2, "scenario": "x.json"})", "t")).pointer,
            "/schema_version");
}

}  // namespace
}  // namespace moesim
