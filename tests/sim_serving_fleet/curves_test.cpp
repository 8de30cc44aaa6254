#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/results/memory_sink.hpp"
#include "tests/sim_serving_fleet/fleet_world.hpp"

namespace moesim::test {
namespace {

struct Curved {
  FleetResult result;
  Held held;
  MemorySink sink;

  [[nodiscard]] const Series& operator[](const std::string& name) const { return sink.series().at(name); }
  [[nodiscard]] bool has(const std::string& name) const { return sink.series().contains(name); }
  /// Sum over points of value x time since the point before; every point has a number of nodes.
  [[nodiscard]] double integral(const std::string& name) const {
    const std::vector<double>& times = (*this)[name.substr(0, name.find('/')) + "/nodes"].time_s;
    const Series& rate = (*this)[name];
    double sum = 0;
    for (std::size_t i = 0; i < rate.time_s.size(); ++i) {
      const auto at = std::lower_bound(times.begin(), times.end(), rate.time_s[i]);
      sum += rate.value[i] * (*at - *(at - 1));
    }
    return sum;
  }
};

Curved curves_of(FleetScenario scenario, double every_s) {
  scenario.policy.sample_every = Seconds(every_s);
  Curved curved;
  curved.result = run_fleet(scenario, {}, curved.held, curved.sink);
  return curved;
}

FleetScenario steady() {
  return split_fleet({.rate = 40, .input = 300, .output = 80, .count = 2000, .spread = true});
}

TEST(Curves, RatesAddUpToTheTokensOfTheRun) {
  const Curved curved = curves_of(steady(), 0.05);
  double input = 0;
  double output = 0;  // of the decode pool: without the first ones
  for (const RequestRecord& record : curved.held.records) {
    input += static_cast<double>(record.input_tokens);
    output += static_cast<double>(record.output_tokens - 1);
  }
  EXPECT_NEAR(curved.integral("prefill/input_tokens_per_s"), input, 1e-9 * input);
  // The last half of an interval, at most, has no point.
  EXPECT_NEAR(curved.integral("decode/output_tokens_per_s"), output, 1e-3 * output);
  EXPECT_EQ(curved["decode/output_tokens_per_s"].unit, "tokens/s");
  EXPECT_FALSE(curved.has("prefill/output_tokens_per_s"));
  EXPECT_FALSE(curved.has("decode/input_tokens_per_s"));
  EXPECT_FALSE(curved.has("decode/mfu"));
}

// A unit plays many iterations as one event; tokens are those that have been made at the point.
TEST(Curves, LongRunsOfIterationsYieldTheirTokensEvenly) {
  FleetScenario scenario = fleet({pool("node", PoolRole::colocated, 1, 1)}, {});
  scenario.open = Poisson{.rate = 1000, .input = 10, .output = 4000, .count = 1}.opener();
  const Curved curved = curves_of(scenario, 1);
  const Series& rate = curved["node/output_tokens_per_s"];
  ASSERT_GT(rate.value.size(), 18U);
  // One stream of 5.02 ms a token.
  for (std::size_t i = 1; i + 1 < rate.value.size(); ++i) EXPECT_NEAR(rate.value[i], 1 / 5.02e-3, 1.01);
}

double quantile_of(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

TEST(Curves, PercentilesAreOfTheRequestsSinceThePointBefore) {
  const Curved curved = curves_of(steady(), 5);
  const std::vector<double>& times = curved["prefill/nodes"].time_s;
  std::map<double, std::vector<double>> ttft, tpot;  // by the point that follows
  for (const RequestRecord& record : curved.held.records) {
    ttft[*std::lower_bound(times.begin(), times.end() - 1, record.first_token_s)].push_back(record.ttft_s());
    if (record.output_tokens > 1)
      tpot[*std::lower_bound(times.begin(), times.end() - 1, record.end_s)].push_back(record.tpot_s());
  }
  const auto expect = [&](const std::string& name, const auto& buckets, double q) {
    const Series& series = curved[name];
    EXPECT_GE(series.value.size() + 1, buckets.size()) << name;
    for (std::size_t i = 0; i + 1 < series.value.size(); ++i) {
      const double exact = quantile_of(buckets.at(series.time_s[i]), q);
      EXPECT_NEAR(series.value[i], exact, 0.002 * exact) << name << " at " << series.time_s[i];
    }
  };
  expect("prefill/ttft_p50", ttft, 0.5);
  expect("prefill/ttft_p99", ttft, 0.99);
  expect("decode/tpot_p50", tpot, 0.5);
  expect("decode/tpot_p99", tpot, 0.99);
  EXPECT_EQ(curved["decode/tpot_p99"].unit, "s");
  EXPECT_FALSE(curved.has("decode/ttft_p50"));
  EXPECT_FALSE(curved.has("prefill/tpot_p50"));
}

TEST(Curves, TheStartOfTheMeasuredTimeLeavesThemAsTheyAre) {
  FleetScenario scenario = steady();
  scenario.pools[0].work.output_token = scenario.pools[0].work.unit_peak_flops_per_s = 1e9;
  const Curved plain = curves_of(scenario, 2);
  scenario.policy.warm_up = Seconds(7.3);
  const Curved warmed = curves_of(scenario, 2);
  ASSERT_EQ(plain.sink.series().size(), warmed.sink.series().size());
  for (const auto& [name, series] : plain.sink.series()) {
    const Series& other = warmed[name];
    // Iterations count when they are entered, which the start of the measured time brings forward.
    if (name.ends_with("/step_time")) continue;
    ASSERT_EQ(series.time_s, other.time_s) << name;
    for (std::size_t i = 0; i < series.value.size(); ++i)
      EXPECT_NEAR(series.value[i], other.value[i], 1e-9 * (1 + series.value[i])) << name << ' ' << i;
  }
}

TEST(Curves, PrefixHitsAreThoseOfPoolsWithACache) {
  FleetScenario scenario = split_fleet({.rate = 50, .input = 400, .output = 5, .count = 1000, .cached = 256});
  EXPECT_FALSE(curves_of(scenario, 1).has("prefill/prefix_hit_fraction"));
  scenario.pools[1].spec.prefix_cache.disk = Bytes(1e12);
  const Curved curved = curves_of(scenario, 1);
  const Series& hits = curved["prefill/prefix_hit_fraction"];
  ASSERT_GT(hits.value.size(), 15U);
  for (double value : hits.value) EXPECT_DOUBLE_EQ(value, 256.0 / 400);
}

TEST(Curves, MfuIsModelOperationsOverThoseOfTheAllottedGpus) {
  FleetScenario scenario = steady();
  for (FleetPool& pool : scenario.pools) pool.work = {2e9, 1e5, 3e9, 4e5, 1e15};
  const Curved curved = curves_of(scenario, 0.25);
  double prompts = 0;
  double decoded = 0;
  for (const RequestRecord& record : curved.held.records) {
    const auto input = static_cast<double>(record.input_tokens);
    const auto steps = static_cast<double>(record.output_tokens - 1);
    prompts += input * (2e9 + 1e5 * input / 2);
    decoded += steps * (3e9 + 4e5 * (input + 1 + steps / 2));
  }
  const double peak = 2 * 1e15;  // two units
  EXPECT_NEAR(curved.integral("prefill/mfu") * peak, prompts, 1e-9 * prompts);
  // KV caches are means over the streams.
  EXPECT_NEAR(curved.integral("decode/mfu") * peak, decoded, 0.01 * decoded);
}

TEST(Curves, ThereAreNoneWithoutAnInterval) {
  EXPECT_TRUE(curves_of(steady(), 0).sink.series().empty());
}

// Shorter than the time between two points: one point for the whole run.
TEST(Curves, AShortRunHasAPoint) {
  const Curved curved = curves_of(steady(), 3600);
  ASSERT_EQ(curved["prefill/ttft_p99"].value.size(), 1U);
  ASSERT_EQ(curved["decode/output_tokens_per_s"].value.size(), 1U);
  EXPECT_GT(curved["decode/output_tokens_per_s"].value[0], 1000);
}

}  // namespace
}  // namespace moesim::test
