// What moves the winner, and that it is what a run gives.
#include <gtest/gtest.h>

#include "sim/planner/search/serving_search.hpp"
#include "sim/planner/search/space_file.hpp"
#include "sim/results/record_sink.hpp"
#include "sim/runner/scenario_kinds.hpp"
#include "tests/sim_planner_search/serving_spaces.hpp"

namespace moesim {
namespace {

using tests::kAnyFile;
using tests::SmallSpace;

Json summary_of(const SmallSpace& space) {
  return search_serving(space.scenario, kAnyFile, space.search)["summary"];
}

Json changed(Json scenario, const Json& changes) {
  for (const auto& [pointer, value] : changes.items()) scenario[Json::json_pointer(pointer)] = value;
  return scenario;
}

TEST(ServingWinner, IsWhatARunOfItsScenarioGives) {
  SmallSpace space = tests::wide_space();
  replace_axis(space.search.axes, {"/deployment/@decode/layout/gpus", {64}});
  replace_axis(space.search.axes, {"/@prefill_share", {0.35, 0.45}});
  const Json winner = summary_of(space)["best"][0];
  NullSink sink;
  const Json run = run_scenario(changed(space.scenario, winner["changes"]), kAnyFile, {}, sink)["summary"];
  EXPECT_EQ(run["ttft_s"], winner["figures"]["ttft_s"]);
  EXPECT_EQ(run["tpot_s"], winner["figures"]["tpot_s"]);
  EXPECT_DOUBLE_EQ(run["cost_usd_per_million_output_tokens"].get<double>(),
                   winner["figures"]["cost_usd_per_million_output_tokens"].get<double>());
  EXPECT_DOUBLE_EQ(run["energy_J_per_output_token"].get<double>(),
                   winner["figures"]["energy_J_per_output_token"].get<double>());
}

// DeepSeek-V3 at 30,000 cached tokens: on 80 GiB a rank of a unit of 32 H800 has room for few sequences;
// twice the memory, by cluster data alone, holds the batch that wins then.
TEST(ServingWinner, MoreMemoryMovesIt) {
  SmallSpace space = tests::wide_space();
  space.scenario["workload"]["input_tokens"] = 30000;
  space.scenario["deployment"]["prefill"]["batching"]["token_budget"] = 32768;
  space.search.limits = {read_serving_limit("tpot<=150ms@p99", "")};
  space.search.axes = {{"/deployment/@decode/layout/gpus", {32}},
                       {"/deployment/@decode/layout/ep", {"gpus"}},
                       {"/deployment/@decode/layout/redundant_experts", {"+0"}},
                       {"/deployment/@decode/batching/max_batch", {8, 16, 32, 48}},
                       {"/@prefill_share", {0.5, 0.75, 0.85}}};
  const Json before = summary_of(space);
  space.scenario["cluster"] = {{"base", "h800-2048"}, {"gpu_memory", "160 GiB"}};
  const Json after = summary_of(space);
  const Json::json_pointer batch("/layout/decode/max_batch");
  EXPECT_GT(before["pruned_by_memory"].get<int>(), after["pruned_by_memory"].get<int>());
  EXPECT_GT(after["best"][0][batch].get<int>(), before["best"][0][batch].get<int>());
  EXPECT_GT(after["best"][0]["value"].get<double>(), before["best"][0]["value"].get<double>());
}

// Wide units exchange tokens over NICs. Where these are next to nothing the unit of one node wins, which
// has NVLink alone.
TEST(ServingWinner, FasterNicsMoveIt) {
  SmallSpace space = tests::wide_space();
  space.search.axes = {{"/deployment/@decode/layout/gpus", {16, 144}},
                       {"/deployment/@decode/layout/ep", {"gpus"}},
                       {"/deployment/@decode/layout/redundant_experts", {"+0"}},
                       {"/deployment/@decode/batching/max_batch", {32}},
                       {"/@prefill_share", {0.4}}};
  space.search.limits.clear();
  const Json fast = summary_of(space);
  space.scenario["deployment"]["decode"]["cluster"] = {{"base", "h800-2048"},
                                                       {"nic", {{"bandwidth", "4 GB/s"}}}};
  const Json slow = summary_of(space);
  EXPECT_EQ(fast["best"][0]["layout"]["decode"]["gpus"], 144);
  EXPECT_EQ(slow["best"][0]["layout"]["decode"]["gpus"], 16);
}

TEST(ServingWinner, SaysWhereTimeGoesAndWhatLimits) {
  const Json why = summary_of(tests::open_space())["why"];
  EXPECT_FALSE(why["rows"].empty());
  EXPECT_FALSE(why["limited_by"].empty());
  EXPECT_NE(why["winner"], why["runner_up"]);
  double parts = 0;
  double step = 0;
  for (const Json& row : why["rows"])
    (row["part"] == "node.step" ? step : parts) += row["winner_s"].get<double>();
  EXPECT_NEAR(parts, step, 1e-9);
}

}  // namespace
}  // namespace moesim
