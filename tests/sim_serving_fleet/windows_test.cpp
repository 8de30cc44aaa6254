#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/sim_serving_fleet/fleet_world.hpp"

namespace moesim::test {
namespace {

/// Keeps curves as text, to compare runs.
class CurveText : public RecordSink {
 public:
  using RecordSink::add;
  void add(const Span& /*span*/) override {}
  void add(const Series& part) override {
    text += part.name;
    for (double value : part.value) text += ' ' + std::to_string(value);
  }
  std::string text;
};

FleetScenario hours() {
  FleetScenario scenario = split_fleet({.output = 300, .spread = true, .rate_at = [](double time) {
                                          return 60 + 50 * std::sin(2 * 3.14159265 * time / 7200);
                                        }});
  FleetPool& decode = scenario.pools[0];
  decode.spec.scaling.policy = ScalingPolicy::target;
  decode.spec.scaling.tokens_per_s_per_user = 130;
  scenario.workload.duration = Seconds(7200);
  scenario.policy.windows = WindowSpec{Seconds(900), Seconds(120), Seconds(20)};
  return scenario;
}

void expect_same(const Played& a, const Played& b) {
  ASSERT_EQ(a.held.records.size(), b.held.records.size());
  for (std::size_t i = 0; i < a.held.records.size(); ++i) {
    EXPECT_EQ(a.held.records[i].id, b.held.records[i].id);
    EXPECT_EQ(a.held.records[i].end_s, b.held.records[i].end_s);
    EXPECT_EQ(a.held.records[i].decode_unit, b.held.records[i].decode_unit);
  }
  ASSERT_EQ(a.result.pools.size(), b.result.pools.size());
  for (std::size_t i = 0; i < a.result.pools.size(); ++i) {
    EXPECT_EQ(a.result.pools[i].nodes_mean, b.result.pools[i].nodes_mean);
    EXPECT_EQ(a.result.pools[i].totals.output_tokens, b.result.pools[i].totals.output_tokens);
    EXPECT_EQ(a.result.pools[i].totals.busy_s, b.result.pools[i].totals.busy_s);
  }
}

TEST(Windows, AreTheSameOnOneAndTwoThreads) {
  const FleetScenario scenario = hours();
  expect_same(play(scenario, 1), play(scenario, 2));
  std::string texts[2];
  for (int threads : {1, 2}) {
    Held held;
    CurveText curves;
    FleetOptions options;
    options.threads = threads;
    run_fleet(scenario, options, held, curves);
    texts[threads - 1] = curves.text;
  }
  EXPECT_FALSE(texts[0].empty());
  EXPECT_EQ(texts[0], texts[1]);
}

TEST(WholeRun, IsTheSameOnOneAndTwoThreads) {
  FleetScenario scenario = hours();
  scenario.policy.windows.reset();
  scenario.workload.duration = Seconds(1000);
  expect_same(play(scenario, 1), play(scenario, 2));
  scenario.open = Poisson{.rate = 50, .count = 9000}.opener();
  scenario.workload.duration.reset();
  const Played played = play(scenario, 2);
  EXPECT_EQ(played.result.completed, 9000);
  expect_same(play(scenario, 1), played);
}

TEST(WholeRun, AFaultOfTheSourceReachesTheCaller) {
  FleetScenario scenario = split_fleet({});
  scenario.open = [](double) {
    OpenedWorkload opened;
    opened.source = std::make_unique<SourceOf>([](std::int64_t i, Request& request) -> bool {
      if (i == 5000) throw SpecError("trace.csv", "", "line 5001 is no request", "");
      request.arrival_s = static_cast<double>(i);
      request.input_tokens = request.output_tokens = 10;
      return true;
    });
    return opened;
  };
  EXPECT_THROW(play(scenario, 1), SpecError);
  EXPECT_THROW(play(scenario, 2), SpecError);
}

TEST(Windows, ResultsDoNotDependOnHowOftenCurvesAreSampled) {
  FleetScenario scenario = hours();
  const Played seldom = play(scenario);
  scenario.policy.sample_every = Seconds(0.37);
  expect_same(seldom, play(scenario));
}

TEST(Windows, StartInTheSteadyStateOfTheWholeRun) {
  FleetScenario scenario = hours();
  scenario.policy.warm_start = true;
  const Played windows = play(scenario);
  const std::int64_t left = windows.result.arrived - windows.result.completed - windows.result.rejected;
  EXPECT_EQ(left, windows.result.in_flight);
  EXPECT_NEAR(windows.result.measured_s, 8 * 100, 1e-6);
  scenario.policy.windows.reset();
  const Played whole = play(scenario);
  const auto streams = [](const Played& played) {
    return played.result.pools[0].totals.sequence_seconds / played.result.measured_s;
  };
  const auto tpot = [](const RequestRecord& record) { return record.tpot_s(); };
  EXPECT_NEAR(windows.result.pools[0].nodes_mean, whole.result.pools[0].nodes_mean,
              0.15 * whole.result.pools[0].nodes_mean);
  EXPECT_NEAR(streams(windows), streams(whole), 0.05 * streams(whole));
  EXPECT_NEAR(windows.held.mean(tpot), whole.held.mean(tpot), 0.05 * whole.held.mean(tpot));
}

}  // namespace
}  // namespace moesim::test
