#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim {
namespace {

constexpr const char* kFile = "workloads/scenarios/deepseek-v3-pretrain-2048xh800.json";

/// DeepSeek-V3 with the fewest micro-batches, by the replay engine.
Json short_scenario() {
  Json scenario = read_json_file(kFile);
  scenario["engine"] = "replay";
  scenario["recipe"]["global_batch"] = 4096;
  return scenario;
}

/// Every number of `tree` is in `other` as well.
void expect_same_shape(const Json& tree, const Json& other, const std::string& key = "") {
  if (tree.is_number()) {
    EXPECT_TRUE(other.is_number()) << key;
  }
  if (!tree.is_structured()) return;
  for (const auto& [part, child] : tree.items()) {
    if (tree.is_object()) {
      ASSERT_TRUE(other.contains(part)) << key << '.' << part;
    }
    expect_same_shape(child, tree.is_object() ? other[part] : other[std::stoul(part)], key + '.' + part);
  }
}

TEST(Spread, UncertaintyIsOfEveryFigure) {
  RunOptions options;
  options.uncertainty = true;
  options.threads = 2;
  NullSink sink;
  const Json result = run_scenario(short_scenario(), kFile, options, sink);
  const Json& spread = result["uncertainty"];
  expect_same_shape(result["summary"], spread["p10"]);
  expect_same_shape(result["summary"], spread["p90"]);
  EXPECT_LT(spread["p10"]["step_time_s"], result["summary"]["step_time_s"]);
  EXPECT_GT(spread["p90"]["step_time_s"], result["summary"]["step_time_s"]);
  EXPECT_EQ(spread["p10"]["tokens_per_step"], spread["p90"]["tokens_per_step"]) << "no draw changes a count";
  EXPECT_EQ(spread["p10"]["memory_per_gpu_B"], spread["p90"]["memory_per_gpu_B"]);
}

TEST(Sensitivity, AConstantThatTheStepDoesNotReadChangesNothing) {
  RunOptions options;
  options.threads = 2;
  const Json document = scenario_sensitivity(short_scenario(), kFile, options, "");
  EXPECT_EQ(document["kind"], "sensitivity");
  EXPECT_EQ(document["figure"], "step_time_s");
  const auto none = document["without_effect"].get<std::vector<std::string>>();
  for (const char* name : {"mla_decode_rate", "low_latency_start", "cluster.gpu_price"}) {
    EXPECT_NE(std::ranges::find(none, name), none.end()) << name;
  }
  double before = document["inputs"].front()["span"];
  for (const Json& input : document["inputs"]) {
    EXPECT_GT(input["span"], 0.0);
    EXPECT_LE(input["span"], before);
    before = input["span"];
  }
  const Json cost = scenario_sensitivity(short_scenario(), kFile, options, "cost_usd_per_trillion_tokens");
  const auto price = std::ranges::find_if(
      cost["inputs"], [](const Json& input) { return input["name"] == "cluster.gpu_price"; });
  ASSERT_NE(price, cost["inputs"].end());
  // 10 % of the price is 10 % of the cost, either way.
  EXPECT_NEAR((*price)["span"].get<double>() / cost["value"].get<double>(), 0.2, 1e-9);
  EXPECT_EQ((*price)["varied"], "+-10 %");
  EXPECT_THROW(scenario_sensitivity(short_scenario(), kFile, options, "step_times"), RunError);
}

}  // namespace
}  // namespace moesim
