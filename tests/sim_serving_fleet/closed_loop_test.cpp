#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim_serving_fleet/fleet_world.hpp"

namespace moesim::test {
namespace {

TEST(ClosedLoop, KeepsItsConcurrency) {
  FleetScenario scenario = fleet({pool("all", PoolRole::colocated, 1)}, {.output = 50, .count = 80});
  scenario.workload.concurrency = 8;
  const Played played = play(scenario);
  EXPECT_EQ(played.result.completed, 80);
  int at_start = 0;
  for (const RequestRecord& record : played.held.records) at_start += record.arrival_s == 0 ? 1 : 0;
  EXPECT_EQ(at_start, 8);
  // Ten rounds of one prompt step and 49 steps of 8 sequences on 4 ranks.
  EXPECT_NEAR(played.result.measured_s, 10 * (5e-3 + 200e-6 + 49 * (5e-3 + 40e-6)), 0.02);
}

TEST(ClosedLoop, TheNextRequestComesWhenTheUserHasSeenTheEnd) {
  FleetScenario scenario = fleet({pool("all", PoolRole::colocated, 1)}, {.output = 50, .count = 3});
  scenario.workload.concurrency = 1;
  scenario.pools[0].request_overhead_s = 0.25;
  const Held held = play(scenario).held;
  ASSERT_EQ(held.records.size(), 3U);
  EXPECT_DOUBLE_EQ(held.records[1].arrival_s, held.records[0].end_s);
  EXPECT_NEAR(held.records[0].e2e_s(), 0.25 + 5.1e-3 + 49 * 5.02e-3, 1e-6);
}

TEST(ClosedLoop, SaturatedPrefillNeverIdles) {
  FleetScenario scenario =
      fleet({pool("prefill", PoolRole::prefill, 1)}, {.input = 4096, .output = 1, .count = 4000});
  scenario.workload.saturated = true;
  const Played played = play(scenario);
  const PoolResult& prefill = played.result.pools[0];
  EXPECT_EQ(played.result.completed, 4000);
  EXPECT_GT(prefill.utilisation, 0.999);
  // Every rank takes 8192 tokens a step of 5 ms + 8.192 ms.
  EXPECT_NEAR(prefill.totals.input_tokens / prefill.measured_s, 4 * 8192 / 13.192e-3,
              0.01 * 4 * 8192 / 13.192e-3);
}

TEST(ClosedLoop, SaturatedDecodeIsFullFromAWarmStart) {
  FleetScenario scenario = fleet({pool("decode", PoolRole::decode, 2)}, {.input = 200, .output = 500});
  scenario.workload.saturated = true;
  scenario.workload.duration = Seconds(60);
  scenario.policy.warm_start = true;
  scenario.policy.warm_up = Seconds(5);
  const Played played = play(scenario);
  const PoolResult& decode = played.result.pools[0];
  const double streams = decode.totals.sequence_seconds / decode.measured_s;
  // A place stays empty for one of 500 steps, until the next iteration begins.
  EXPECT_NEAR(streams, 2 * 4 * 64, 0.004 * 512);
  EXPECT_NEAR(decode.totals.output_tokens / decode.measured_s, 512 / (5e-3 + 64 * 20e-6),
              0.004 * 512 / 6.28e-3);
  EXPECT_EQ(played.result.arrived, played.result.completed + played.result.in_flight);
}

// Requests that last longer than the run is measured: what ended in it, residents included, makes its tokens,
// and nothing that an emptying fleet does counts.
TEST(ClosedLoop, CountsWhatEndsWhileItIsFull) {
  FleetScenario scenario = fleet({pool("decode", PoolRole::decode, 1)}, {.input = 200, .output = 4000});
  scenario.workload.saturated = true;
  scenario.workload.duration = Seconds(20);
  scenario.policy.warm_start = true;
  scenario.policy.warm_up = Seconds(4);
  const Played played = play(scenario);
  const PoolResult& decode = played.result.pools[0];
  double completed = 0;
  for (const RequestRecord& record : played.held.records) {
    EXPECT_LE(record.end_s, 20 + 1);
    completed += record.measured ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ(played.result.measured_s, 16);
  // 256 streams: a mean of 160 ends in 16 s, spaced evenly by the warm start within its spread of sqrt(160).
  EXPECT_NEAR(completed * 4000, decode.totals.output_tokens, 3 * std::sqrt(160) * 4000);
  EXPECT_EQ(played.result.in_flight, 4 * 64);
}

// 60 blocks of 64 tokens a rank hold some 5 sequences of 200 + 250 tokens in the middle, not the 64 of its
// places: what cannot run begins with its first token, so every completion makes all its tokens.
TEST(ClosedLoop, AWarmStartHoldsWhatFitsIntoMemory) {
  FleetScenario scenario = fleet({pool("decode", PoolRole::decode, 1, 16)}, {.input = 200, .output = 500});
  scenario.pools[0].unit.kv_blocks = 60;
  scenario.workload.saturated = true;
  scenario.workload.duration = Seconds(60);
  scenario.policy.warm_start = true;
  scenario.policy.warm_up = Seconds(5);
  const Played played = play(scenario);
  double completed = 0;
  for (const RequestRecord& record : played.held.records) completed += record.measured ? 1 : 0;
  const double tokens = played.result.pools[0].totals.output_tokens;
  ASSERT_GT(completed, 1000);
  EXPECT_NEAR(completed * 499, tokens, 0.02 * tokens);
}

}  // namespace
}  // namespace moesim::test
