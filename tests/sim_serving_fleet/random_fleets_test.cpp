#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "sim/results/memory_sink.hpp"
#include "tests/sim_serving_fleet/fleet_world.hpp"

namespace moesim::test {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(seed, 99) {}
  std::int64_t number(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(stream_.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  bool often(double share) { return stream_.uniform() < share; }

 private:
  RandomStream stream_;
};

FleetPool random_pool(Dice& dice, const std::string& name, PoolRole role) {
  FleetPool made = pool(name, role, static_cast<int>(dice.number(1, 4)), static_cast<int>(dice.number(1, 6)));
  made.unit.batching.max_batch = dice.number(2, 40);
  made.unit.batching.token_budget = dice.number(100, 4000);
  made.unit.batching.prefill_first = dice.often(0.5);
  made.unit.kv_blocks = dice.number(40, 400);
  made.nodes_per_unit = static_cast<double>(dice.number(1, 5));
  made.nic_bytes_per_s = 1e9 * static_cast<double>(dice.number(1, 30));
  made.request_overhead_s = dice.often(0.5) ? 0.1 : 0;
  ScalingSpec& scaling = made.spec.scaling;
  scaling.interval = Seconds(static_cast<double>(dice.number(2, 10)));
  scaling.start_up = Seconds(static_cast<double>(dice.number(0, 5)));
  scaling.max_units = 6;
  if (dice.often(0.4)) {
    scaling.policy = ScalingPolicy::target;
    scaling.utilisation = 0.5;
    if (role != PoolRole::prefill) scaling.tokens_per_s_per_user = 120;
    if (role == PoolRole::prefill) scaling.ttft = Seconds(0.05);
  } else if (dice.often(0.4)) {
    scaling.policy = ScalingPolicy::schedule;
    for (int i = 0; i < 4; ++i)
      scaling.schedule.push_back({Seconds(i * 10.0), static_cast<int>(dice.number(0, 3))});
    scaling.schedule.push_back({Seconds(45), 2});
  }
  made.spec.prefix_cache.gpu = dice.often(0.3);
  if (dice.often(0.3)) made.spec.prefix_cache.host = Bytes(1e9);
  if (dice.often(0.3)) made.spec.prefix_cache.disk = Bytes(1e11);
  return made;
}

FleetScenario random_fleet(std::uint64_t seed) {
  Dice dice(seed);
  std::vector<FleetPool> pools;
  const bool split = dice.often(0.6);
  if (!split || dice.often(0.3)) pools.push_back(random_pool(dice, "colocated", PoolRole::colocated));
  for (std::int64_t i = dice.number(1, 2); split && i > 0; --i)
    pools.push_back(random_pool(dice, "decode" + std::to_string(i), PoolRole::decode));
  for (std::int64_t i = dice.number(1, 2); split && i > 0; --i)
    pools.push_back(random_pool(dice, "prefill" + std::to_string(i), PoolRole::prefill));
  FleetScenario scenario = fleet(std::move(pools), {});
  scenario.open = [seed](double from_s) {
    OpenedWorkload opened;
    auto time = std::make_shared<double>(from_s);
    opened.source = std::make_unique<SourceOf>([seed, time](std::int64_t i, Request& request) {
      Dice own(seed * 1000003 + static_cast<std::uint64_t>(i));
      *time += 0.001 * static_cast<double>(own.number(0, 60));
      request.arrival_s = *time;
      request.input_tokens = own.number(1, 2500);
      request.output_tokens = own.number(1, 300);
      request.block_tokens = 64;
      const std::int64_t session = own.number(1, 20);
      for (std::int64_t block = 0; block * 64 < request.input_tokens; ++block)
        request.blocks.push_back(static_cast<std::uint64_t>(session * 1000 + block));
      return i < 1500;
    });
    return opened;
  };
  scenario.policy.arrival_routing = static_cast<ArrivalRouting>(dice.number(0, 2));
  scenario.policy.warm_start = dice.often(0.3);
  scenario.policy.warm_up = Seconds(static_cast<double>(dice.number(0, 5)));
  if (dice.often(0.3)) scenario.workload.concurrency = static_cast<int>(dice.number(1, 60));
  if (dice.often(0.2)) scenario.workload.saturated = true;
  if (dice.often(0.3)) scenario.workload.duration = Seconds(30);
  for (std::int64_t i = dice.number(0, 3); i > 0; --i) {
    NodeFailure failure;
    failure.at = Seconds(static_cast<double>(dice.number(1, 30)));
    failure.pool = scenario
                       .pools[static_cast<std::size_t>(
                           dice.number(0, static_cast<std::int64_t>(scenario.pools.size()) - 1))]
                       .name;
    failure.unit = static_cast<int>(dice.number(0, 3));
    failure.repair = Seconds(static_cast<double>(dice.number(0, 20)));
    scenario.policy.failures.push_back(failure);
  }
  return scenario;
}

TEST(RandomFleets, LoseNoRequestAndServeNoneTwice) {
  std::int64_t completed = 0;
  std::int64_t retried = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    const FleetScenario scenario = random_fleet(seed);
    const Played played = play(scenario);
    const FleetResult& result = played.result;
    EXPECT_EQ(result.arrived, result.completed + result.rejected + result.in_flight);
    const bool cut =
        scenario.workload.duration && (scenario.workload.concurrency || scenario.workload.saturated);
    if (!cut) {
      EXPECT_EQ(result.in_flight, 0);
    }
    std::set<std::int64_t> ids;
    for (const RequestRecord& record : played.held.records) {
      EXPECT_TRUE(ids.insert(record.id).second) << "request " << record.id;
      EXPECT_GE(record.start_s, record.arrival_s);
      EXPECT_GE(record.end_s, record.first_token_s - 1e-12);
    }
    completed += result.completed;
    retried += result.retried;
  }
  EXPECT_GT(completed, 60 * 500);
  EXPECT_GT(retried, 100);
}

TEST(RandomFleets, CurvesStayInTheirBounds) {
  std::size_t points = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    FleetScenario scenario = random_fleet(seed);
    scenario.policy.sample_every = Seconds(0.7);
    for (FleetPool& pool : scenario.pools) pool.work = {1e9, 1e5, 1e9, 1e5, 1e18};
    Held held;
    MemorySink sink;
    run_fleet(scenario, {}, held, sink);
    for (const auto& [name, series] : sink.series()) {
      ASSERT_EQ(series.time_s.size(), series.value.size()) << name;
      EXPECT_TRUE(std::is_sorted(series.time_s.begin(), series.time_s.end(), std::less_equal<>())) << name;
      const bool is_share = name.ends_with("fraction") || name.ends_with("mfu");
      for (double value : series.value) EXPECT_TRUE(value >= 0 && (!is_share || value <= 1)) << name << value;
      points += series.value.size();
      if (!name.ends_with("_p50")) continue;
      const Series& tail = sink.series().at(name.substr(0, name.size() - 3) + "p99");
      ASSERT_EQ(tail.time_s, series.time_s) << name;
      for (std::size_t i = 0; i < tail.value.size(); ++i) EXPECT_LE(series.value[i], tail.value[i]) << name;
    }
  }
  EXPECT_GT(points, 30U * 100);
}

}  // namespace
}  // namespace moesim::test
