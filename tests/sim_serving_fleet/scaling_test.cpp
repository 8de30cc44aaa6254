#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/serving/fleet/scaling.hpp"
#include "sim/serving/fleet/unit_capacity.hpp"
#include "tests/sim_serving_fleet/fleet_world.hpp"

namespace moesim::test {
namespace {

ScalingSpec schedule(std::vector<ScheduledUnits> entries) {
  ScalingSpec scaling;
  scaling.policy = ScalingPolicy::schedule;
  scaling.schedule = std::move(entries);
  return scaling;
}

TEST(Scaling, AScheduleGoesByTimeOfDayAndOverMidnight) {
  const ScalingSpec scaling = schedule({{Seconds(6 * 3600), 4}, {Seconds(22 * 3600), 1}});
  EXPECT_EQ(scheduled_units(scaling, 0), 1);
  EXPECT_EQ(scheduled_units(scaling, 6 * 3600), 4);
  EXPECT_EQ(scheduled_units(scaling, 86400 + 21 * 3600), 4);
  EXPECT_EQ(scheduled_units(scaling, 23 * 3600), 1);
  EXPECT_DOUBLE_EQ(until_next_entry(scaling, 21 * 3600), 3600);
  EXPECT_DOUBLE_EQ(until_next_entry(scaling, 22 * 3600), 8 * 3600);
}

TEST(Scaling, TheScheduleHandsNodesBack) {
  FleetScenario scenario = split_fleet({.rate = 20, .output = 50});
  scenario.pools[0].spec.scaling = schedule({{Seconds(0), 3}, {Seconds(1000), 1}});
  scenario.pools[0].nodes_per_unit = 18;
  scenario.workload.duration = Seconds(2000);
  const Played played = play(scenario);
  // 3 units until 1000 s and until they are empty, which takes less than a second.
  EXPECT_NEAR(played.result.pools[0].nodes_mean, 18 * 2, 0.1);
  EXPECT_GT(played.result.pools[0].nodes_mean, 18 * 2);
  EXPECT_EQ(played.result.pools[0].nodes_peak, 18 * 3);
  EXPECT_EQ(played.result.arrived, played.result.completed);
}

TEST(Scaling, StreamsHoldTheWantedSpeed) {
  FleetPool decode = pool("decode", PoolRole::decode, 1);
  Demand demand;
  Request request;
  request.input_tokens = 100;
  request.output_tokens = 1000;
  for (int i = 0; i < 10; ++i) demand.add_request(request);
  demand.seconds = 1;
  EXPECT_DOUBLE_EQ(demand.kv_of_stream(), 600);
  // 160 tokens/s are steps of 6.25 ms: 5 ms and 62.5 sequences a rank, 250 in all: 40 requests/s.
  const UnitCapacity unit = stream_capacity(decode, demand, 160, 1);
  EXPECT_NEAR(unit.streams, 250, 1e-6);
  EXPECT_NEAR(unit.requests_per_s, 250 * 160 / 1000.0, 1e-6);
  // Half of those requests: s = 20 x 1000 x (5 ms + 5 us s), so 111.1 streams.
  EXPECT_NEAR(streams_at(decode, demand, 20, 1), 100 / 0.9, 1e-3);
  // Room for 64 a rank bounds an easy target.
  EXPECT_NEAR(stream_capacity(decode, demand, 10, 1).streams, 256, 1e-9);
}

FleetScenario day(double slowdown) {
  FleetScenario scenario = split_fleet({.output = 800, .spread = true, .rate_at = [](double time) {
                                          return 60 + 50 * std::sin(2 * 3.14159265 * time / 3600);
                                        }});
  FleetPool& decode = scenario.pools[0];
  decode.unit.costs = std::make_shared<CostsOf>(step_law(slowdown));
  decode.spec.scaling.policy = ScalingPolicy::target;
  decode.spec.scaling.tokens_per_s_per_user = 160;
  decode.spec.scaling.interval = Seconds(60);
  decode.spec.scaling.start_up = Seconds(10);
  scenario.workload.duration = Seconds(3600);
  scenario.policy.warm_start = true;
  return scenario;
}

TEST(Scaling, SlowerKernelsNeedMoreNodes) {
  const PoolResult normal = play(day(1)).result.pools[0];
  const PoolResult slow = play(day(1.05)).result.pools[0];
  EXPECT_GT(slow.nodes_mean, 1.15 * normal.nodes_mean);
  EXPECT_GT(normal.nodes_peak, normal.nodes_mean + 0.5);
}

TEST(Scaling, TheTargetHoldsForMostUsers) {
  const Played played = play(day(1));
  const double speed = played.held.mean([](const RequestRecord& record) {
    return record.output_tokens > 50 ? (record.tpot_s() < 1 / 155.0 ? 1 : 0) : 1;
  });
  EXPECT_GT(speed, 0.9);
  EXPECT_EQ(played.result.arrived, played.result.completed);
}

TEST(Scaling, PrefillSaysWhatWorkTtftAndHeadroomNeed) {
  FleetScenario scenario = split_fleet({.rate = 900, .input = 8000, .output = 2});
  for (FleetPool& pool : scenario.pools) pool.nic_bytes_per_s = 500e9;
  FleetPool& prefill = scenario.pools[1];
  prefill.spec.scaling.policy = ScalingPolicy::target;
  prefill.spec.scaling.utilisation = 0.5;
  prefill.spec.scaling.ttft = Seconds(0.05);
  prefill.spec.scaling.interval = Seconds(5);
  scenario.workload.duration = Seconds(60);
  scenario.policy.warm_start = true;
  const PoolResult result = play(scenario).result.pools[1];
  // A unit does 4 x 8192 tokens in 13.192 ms, 2.48 M/s; 7.2 M/s are asked for.
  EXPECT_NEAR(result.nodes_floor, 7.2e6 / (4 * 8192 / 13.192e-3), 0.1);
  EXPECT_GT(result.nodes_for_ttft, result.nodes_floor);
  EXPECT_LT(result.nodes_for_ttft, 2 * result.nodes_floor);
  EXPECT_NEAR(result.nodes_mean, 6, 0.5);
}

TEST(Scaling, ABetterCacheNeedsFewerPrefillNodes) {
  const auto nodes = [](std::int64_t cached) {
    FleetScenario scenario = split_fleet({.rate = 900, .input = 8000, .output = 2, .cached = cached});
    for (FleetPool& pool : scenario.pools) pool.nic_bytes_per_s = 500e9;
    FleetPool& prefill = scenario.pools[1];
    prefill.spec.scaling.policy = ScalingPolicy::target;
    prefill.spec.scaling.utilisation = 0.5;
    prefill.spec.scaling.interval = Seconds(5);
    prefill.spec.prefix_cache.disk = Bytes(1e15);
    prefill.spec.prefix_cache.storage_nic = prefill.spec.prefix_cache.pcie = BytesPerSecond(1e13);
    scenario.workload.duration = Seconds(20);
    scenario.policy.warm_start = true;
    return play(scenario).result.pools[1].nodes_mean;
  };
  // 7.2 and 1.8 M tokens/s over half of 2.48 M/s a unit.
  EXPECT_NEAR(nodes(0), 6, 0.5);
  EXPECT_NEAR(nodes(6000), 2, 0.5);
}

TEST(Scaling, PromptsTakeTimeFromDecodingInAColocatedUnit) {
  // 1000 tokens in, 100 out. Alone 128 streams take 5 ms + 32 x 20 us = 5.64 ms: 128 / 0.564 = 227
  // requests/s. A prompt takes 1000 x 13.192 ms / 32768 = 403 us of the unit: 128 / (0.564 + 128 x 403 us) =
  // 208 requests/s.
  FleetPool unit = pool("all", PoolRole::colocated, 1);
  unit.unit.batching.max_batch = 32;
  Demand demand;
  Request request;
  request.input_tokens = 1000;
  request.output_tokens = 100;
  demand.add_request(request);
  demand.add_prompt(1000, 0);
  EXPECT_NEAR(stream_capacity(unit, demand, 0, 1).requests_per_s, 208, 0.5);
  // At 170 tokens/s a user rate = 1.7 s, and 1 - 1.7 s x 402.6 us = 170 (5 ms + 5 us s): s = 97.8.
  EXPECT_NEAR(stream_capacity(unit, demand, 170, 1).requests_per_s, 1.7 * 97.76, 0.1);
}

// A target below the overhead of a request, or above the speed of a lone stream, allots nothing: the pool is
// sized by its work, and the result says so.
TEST(Scaling, TargetsThatNoNumberOfUnitsHoldAreNamed) {
  FleetScenario scenario = split_fleet({.rate = 20, .output = 50});
  scenario.workload.duration = Seconds(100);
  scenario.policy.warm_start = true;
  for (FleetPool& each : scenario.pools) {
    each.request_overhead_s = 0.1;
    each.spec.scaling.policy = ScalingPolicy::target;
    each.spec.scaling.ttft = Seconds(0.05);
    each.spec.scaling.tokens_per_s_per_user = 1e6;
  }
  const Played played = play(scenario);
  ASSERT_EQ(played.result.warnings.size(), 2U);
  EXPECT_NE(played.result.warnings[0].find("holds the target"), std::string::npos);
  for (const PoolResult& each : played.result.pools) EXPECT_LE(each.nodes_peak, 2);
}

TEST(Failure, RequestsAreSentAgainAndNoneIsLostOrServedTwice) {
  FleetScenario scenario = split_fleet({.rate = 100, .output = 100, .count = 5000, .spread = true});
  NodeFailure decode;
  decode.pool = "decode";
  decode.unit = 1;
  decode.at = Seconds(10);
  decode.repair = Seconds(5);
  NodeFailure prefill = decode;
  prefill.pool = "prefill";
  prefill.at = Seconds(20);
  NodeFailure last = prefill;
  last.unit = 0;
  last.at = Seconds(22);  // both are away for three seconds
  scenario.policy.failures = {decode, prefill, last};
  const Played played = play(scenario);
  EXPECT_EQ(played.result.completed, 5000);
  EXPECT_GT(played.result.retried, 10);
  std::set<std::int64_t> ids;
  std::int64_t retries = 0;
  double longest = 0;
  for (const RequestRecord& record : played.held.records) {
    EXPECT_TRUE(ids.insert(record.id).second);
    retries += record.retries;
    longest = std::max(longest, record.ttft_s());
  }
  EXPECT_EQ(retries, played.result.retried);
  EXPECT_GT(longest, 2.5);
  EXPECT_LT(longest, 4);
}

TEST(Failure, OfAUnitThatIsNotThereIsAWarning) {
  FleetScenario scenario = split_fleet({.rate = 100, .count = 100});
  NodeFailure failure;
  failure.pool = "decode";
  failure.unit = 7;
  scenario.policy.failures = {failure};
  EXPECT_EQ(play(scenario).result.warnings.size(), 1U);
}

}  // namespace
}  // namespace moesim::test
