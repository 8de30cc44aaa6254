#include "sim/runner/scenario_kinds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sim/runner/worker_protocol.hpp"
#include "sim/schedule/op_graph.hpp"

namespace moesim {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr const char* kFile = "workloads/scenarios/deepseek-v3-pretrain-2048xh800.json";

/// DeepSeek-V3 with the fewest micro-batches, by the replay engine.
Json short_scenario() {
  Json scenario = read_json_file(kFile);
  scenario["engine"] = "replay";
  scenario["recipe"]["global_batch"] = 4096;
  return scenario;
}

Json run(const Json& scenario, const RunOptions& options = {}) {
  NullSink sink;
  return run_scenario(scenario, kFile, options, sink);
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST(ScenarioKinds, EachHasItsParts) {
  for (const ScenarioKind& kind : scenario_kinds()) {
    EXPECT_FALSE(kind.name.empty());
    EXPECT_FALSE(kind.doc.empty());
    EXPECT_FALSE(kind.spec().fields.empty()) << kind.name;
    EXPECT_NE(kind.spec().find("kind"), nullptr) << kind.name;
  }
  EXPECT_EQ(kind_of(short_scenario(), kFile).name, "training");
}

struct BadKind {
  const char* name;
  const char* document;
  const char* pointer;
  const char* answer;
};
class UnknownKind : public testing::TestWithParam<BadKind> {};

TEST_P(UnknownKind, IsAnsweredWithWhatThereIs) {
  try {
    run(Json::parse(GetParam().document));
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.file, kFile);
    EXPECT_EQ(error.pointer, GetParam().pointer);
    EXPECT_THAT(error.hint, HasSubstr(GetParam().answer));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Documents, UnknownKind,
    testing::Values(BadKind{"Misspelt", R"({"kind": "trainning"})", "/kind", "\"training\""},
                    BadKind{"FarFromAny", R"({"kind": "x"})", "/kind", "training"},
                    BadKind{"NoText", R"({"kind": 3})", "/kind", "training"},
                    BadKind{"Missing", R"({"model": "deepseek-v3"})", "", "training"},
                    BadKind{"NoObject", "[]", "", "training"}, BadKind{"Empty", "{}", "", "training"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Result, HasItsHeaderInOrder) {
  const Json result = run(short_scenario());
  EXPECT_EQ(keys_of(result),
            (std::vector<std::string>{"schema_version", "kind", "scenario", "seed", "moesim_version", "model",
                                      "cluster", "engine", "provenance", "warnings", "summary"}));
  EXPECT_EQ(result["schema_version"], 1);
  EXPECT_EQ(result["kind"], "training");
  EXPECT_EQ(result["seed"], 1);
  EXPECT_EQ(result["model"], "deepseek-v3");
  EXPECT_EQ(result["cluster"], Json({{"name", "h800-2048"}, {"gpus", 2048}, {"nodes", 256}}));
  // 32 micro-batches of 650 operations and 3 that end the step on each of 16 ranks.
  EXPECT_EQ(result["engine"],
            Json({{"name", "replay"}, {"num_gpus", 16}, {"num_operations", 32 * 650 + 48}}));
  EXPECT_LT(write_json(result).size(), 1'000'000u);
}

/// The resolved scenario has every default and gives the same result again.
TEST(Result, HoldsTheResolvedScenario) {
  Json scenario = short_scenario();
  scenario.erase("seed");
  scenario["layout"].erase("tp");
  const Json result = run(scenario);
  EXPECT_EQ(result["scenario"]["seed"], 1);
  EXPECT_EQ(result["scenario"]["layout"]["tp"], 1);
  EXPECT_EQ(write_json(run(result["scenario"])), write_json(result));
  EXPECT_EQ(kind_of(scenario, kFile).complete(scenario, kFile), result["scenario"]);
}

TEST(Result, IsTheSameBytesForThreadsAndRuns) {
  Json scenario = short_scenario();
  RunOptions options;
  options.waterfall = true;
  options.uncertainty = true;
  const std::string once = write_json(run(scenario, options));
  options.threads = 2;
  EXPECT_EQ(write_json(run(scenario, options)), once);
}

TEST(Result, FollowsTheOptions) {
  RunOptions options;
  options.seed = 7;
  options.excluded_sources = {"deepseek-profile-data"};
  options.waterfall = true;
  const Json plain = run(short_scenario()), result = run(short_scenario(), options);
  EXPECT_EQ(result["seed"], 7);
  EXPECT_EQ(result["scenario"]["seed"], 7);
  EXPECT_EQ(result["waterfall"].back()["name"], "step");
  EXPECT_FALSE(result.contains("uncertainty"));
  EXPECT_FALSE(plain.contains("waterfall"));
  EXPECT_NE(result["summary"]["layer_pair_s"]["total"], plain["summary"]["layer_pair_s"]["total"]);
}

/// Where routing is stated, the same step with every expert alike stands beside it.
TEST(Result, BalancedRoutingBesideTheStated) {
  const Json stated = run(short_scenario());
  Json scenario = short_scenario();
  scenario["routing"] = {{"mode", "balanced"}};
  const Json balanced = run(scenario);
  EXPECT_EQ(stated["summary"]["balanced_routing"]["step_time_s"], balanced["summary"]["step_time_s"]);
  EXPECT_FALSE(balanced["summary"].contains("balanced_routing"));
  EXPECT_THAT(balanced["warnings"].get<std::vector<std::string>>(),
              Contains(HasSubstr("routing is balanced")));
}

class Spans final : public RecordSink {
 public:
  void add(const Span& span) override { spans.push_back(span); }
  std::vector<Span> spans;
};

/// Every operation of the representatives once, in the order of their ends, with names for what they hold.
TEST(Result, SpansOfEveryOperation) {
  Spans sink;
  const Json result = run_scenario(short_scenario(), kFile, {}, sink);
  EXPECT_EQ(sink.spans.size(), result["engine"]["num_operations"]);
  const SpanNames names = span_names();
  double last = 0;
  for (const Span& span : sink.spans) {
    EXPECT_GE(span.end_s, last);
    last = span.end_s;
    EXPECT_LT(span.phase, names.phases.size());
    EXPECT_LT(span.lane, names.lanes.size());
    EXPECT_LT(span.pass, names.passes.size());
  }
  EXPECT_EQ(last, result["summary"]["step_time_s"]);
  EXPECT_EQ(names.phases[static_cast<std::size_t>(Phase::combine_backward)], "combine_backward");
}

TEST(Result, ProgressAscendsToOneAndStatsNameTheParts) {
  std::vector<double> fractions;
  RunStats stats;
  RunOptions options;
  options.waterfall = true;
  options.progress = [&](double fraction, std::string_view what) {
    EXPECT_FALSE(what.empty());
    fractions.push_back(fraction);
  };
  options.stats = &stats;
  run(short_scenario(), options);
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_EQ(fractions.front(), 0);
  EXPECT_EQ(fractions.back(), 1);
  std::vector<std::string> parts;
  for (const auto& [part, seconds] : stats.parts_s) {
    parts.push_back(part);
    EXPECT_GE(seconds, 0);
  }
  EXPECT_EQ(parts, (std::vector<std::string>{"plan", "replay", "waterfall"}));
  EXPECT_EQ(stats.num_operations, 32u * 650 + 48);
}

TEST(Result, FaultsOfTheDocumentAndOfThePlan) {
  Json scenario = short_scenario();
  scenario["recipe"]["sequence_lenght"] = 4096;
  EXPECT_THROW(run(scenario), SpecError);
  scenario = short_scenario();
  scenario["layout"]["ep"] = 512;
  EXPECT_THROW(run(scenario), PlanError);
  scenario = short_scenario();
  scenario["stack"] = "deepseek-v3-fp9";
  EXPECT_THROW(run(scenario), CalibrationError);
}

// Plans.

TEST(Plan, OfASoundLayout) {
  const Json plan = plan_scenario(short_scenario(), kFile, {});
  EXPECT_EQ(plan["violations"], Json::array());
  EXPECT_EQ(plan["microbatches"], 32);
  EXPECT_TRUE(plan["memory"]["fits"]);
}

/// A layout that does not fit shows where the memory goes.
TEST(Plan, OfALayoutThatDoesNotFit) {
  Json scenario = short_scenario();
  scenario["layout"]["recompute"] = Json::array();
  const Json plan = plan_scenario(scenario, kFile, {});
  ASSERT_EQ(plan["violations"].size(), 1u);
  EXPECT_EQ(plan["violations"][0]["pointer"], "/layout");
  EXPECT_FALSE(plan["memory"]["fits"]);
}

TEST(Plan, OfALayoutThatCannotBeLaidOut) {
  Json scenario = short_scenario();
  scenario["layout"]["ep"] = 512;
  scenario["layout"]["zero"] = 3;
  const Json plan = plan_scenario(scenario, kFile, {});
  EXPECT_EQ(keys_of(plan), std::vector<std::string>{"violations"});
  std::vector<std::string> pointers;
  for (const Json& violation : plan["violations"]) pointers.push_back(violation["pointer"]);
  EXPECT_THAT(pointers, Contains("/layout/ep"));
  EXPECT_THAT(pointers, Contains("/layout/zero"));
}

/// Memory is planned for what no replay knows the time of; sharded gradients take less of it.
TEST(Plan, OfALayoutThatIsNotSimulatedShowsItsMemory) {
  Json scenario = short_scenario();
  const Json simulated = plan_scenario(scenario, kFile, {});
  scenario["layout"]["zero"] = 2;
  const Json plan = plan_scenario(scenario, kFile, {});
  ASSERT_EQ(plan["violations"].size(), 1u);
  EXPECT_EQ(plan["violations"][0]["pointer"], "/layout/zero");
  EXPECT_EQ(plan["stages"].size(), 16u);
  EXPECT_EQ(plan["process_groups"], simulated["process_groups"]);
  EXPECT_EQ(plan["memory"]["reserve_B"], simulated["memory"]["reserve_B"]);
  EXPECT_LT(plan["memory"]["peak_B"], simulated["memory"]["peak_B"]);
  EXPECT_THAT(plan["warnings"].back().get<std::string>(), HasSubstr("not simulated"));
}

/// Both what is not simulated and what does not fit.
TEST(Plan, OfALayoutThatIsNotSimulatedAndDoesNotFit) {
  Json scenario = short_scenario();
  scenario["layout"]["zero"] = 3;
  scenario["cluster"] = {{"base", "h800-2048"}, {"gpu_memory", "20 GiB"}};
  const Json plan = plan_scenario(scenario, kFile, {});
  ASSERT_EQ(plan["violations"].size(), 2u);
  EXPECT_EQ(plan["violations"][0]["pointer"], "/layout/zero");
  EXPECT_EQ(plan["violations"][1]["pointer"], "/layout");
  EXPECT_FALSE(plan["memory"]["fits"]);
}

/// What a worker runs is what a run of the same document gives.
TEST(RunRequest, IsARun) {
  WorkerRequest request;
  request.id = "v3";
  request.file = kFile;
  request.scenario.text = short_scenario().dump();
  request.seed = 3;
  request.waterfall = true;
  RunOptions options;
  options.seed = 3;
  options.waterfall = true;
  EXPECT_EQ(write_json(run_request(request, {})), write_json(run(short_scenario(), options)));
}

}  // namespace
}  // namespace moesim
