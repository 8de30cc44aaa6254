#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/sim_serving_batching/random_load.hpp"

namespace moesim {
namespace {

using test::load_of;
using test::play_all;
using test::unit_cases;
using test::UnitCase;
using test::work;

class UnitRuns : public testing::TestWithParam<UnitCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, UnitRuns, testing::ValuesIn(unit_cases()),
                         [](const auto& info) { return std::string(info.param.name); });

std::vector<UnitEvent> without_rejected(std::vector<UnitEvent> events) {
  std::erase_if(events, [](const UnitEvent& event) { return event.kind == UnitEventKind::rejected; });
  return events;
}

void expect_same(const std::vector<UnitEvent>& a, const std::vector<UnitEvent>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].request, b[i].request) << i;
    ASSERT_EQ(a[i].kind, b[i].kind) << i;
    ASSERT_NEAR(a[i].time_s, b[i].time_s, tolerance * a[i].time_s) << i;
  }
}

// Step times linear in the caches: the closed sums are exact, so both twins see the same iterations.
TEST_P(UnitRuns, AreWhatEveryIterationOfEverySequenceGives) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const UnitSpec spec = test::spec_of(GetParam(), test::linear_costs);
    const auto works = load_of(GetParam(), seed);
    ServingUnit unit(spec);
    test::SlowUnit slow(spec);
    expect_same(without_rejected(play_all(unit, works)), slow.play(works), 1e-9);
    EXPECT_TRUE(unit.idle());
  }
}

// At any time as many as a unit says that plays one iteration after the other.
TEST_P(UnitRuns, OutputTokensAtATimeAreThoseOfTheIterationsThatHaveEnded) {
  UnitSpec spec = test::spec_of(GetParam(), test::linear_costs);
  const auto works = load_of(GetParam(), 3);
  ServingUnit runs(spec);
  spec.longest_run = 1;
  ServingUnit steps(spec);
  std::vector<UnitEvent> events;
  double time = 0;
  for (const auto& timed : works) {
    for (; time < timed.time_s; time += 0.0137) {
      while (runs.next_event() <= time) runs.advance(runs.next_event(), events);
      steps.advance(time, events);
      // A share of a draft, and the time of an end by rounding.
      EXPECT_NEAR(runs.output_tokens_at(time), steps.totals().output_tokens, 1e-6) << time;
    }
    runs.advance(timed.time_s, events);
    steps.advance(timed.time_s, events);
    runs.submit(timed.time_s, timed.work);
    steps.submit(timed.time_s, timed.work);
  }
  EXPECT_GT(runs.output_tokens_at(time), 100);
}

std::map<std::int64_t, double> ends(const std::vector<UnitEvent>& events) {
  std::map<std::int64_t, double> result;
  for (const UnitEvent& event : events) result[event.request] = event.time_s;  // the last event of each
  return result;
}

// Curved step times: a run is at most so long that its straight line is good to 0.1 %. An arrival near the
// start of an iteration may then join one earlier or later.
TEST_P(UnitRuns, FollowCurvedStepTimesWithinAThousandth) {
  const auto curved = [](const StepBatch& b) {
    return 1e-3 + 1e-4 * std::sqrt(b.kv_tokens_max) + 1e-10 * b.kv_tokens * b.kv_tokens +
           2e-5 * b.prompt_tokens_max;
  };
  UnitSpec spec = test::spec_of(GetParam(), curved);
  const auto works = load_of(GetParam(), 9);
  ServingUnit unit(spec);
  spec.longest_run = 1;
  ServingUnit stepwise(spec);
  const auto fast = ends(play_all(unit, works));
  const auto slow = ends(play_all(stepwise, works));
  ASSERT_EQ(fast.size(), slow.size());
  const double step =
      stepwise.totals().busy_s / static_cast<double>(std::max<std::int64_t>(stepwise.totals().iterations, 1));
  double difference = 0;
  for (const auto& [request, end] : slow) {
    const double elapsed = end - works[static_cast<std::size_t>(request)].time_s;
    EXPECT_NEAR(fast.at(request), end, 1e-3 * elapsed + 20 * step) << request;
    difference += fast.at(request) - end;
  }
  EXPECT_NEAR(unit.totals().busy_s, stepwise.totals().busy_s, 1e-3 * stepwise.totals().busy_s);
  EXPECT_NEAR(unit.totals().step.total(), unit.totals().busy_s, 1e-9 * unit.totals().busy_s);
  EXPECT_NEAR(unit.totals().output_tokens, stepwise.totals().output_tokens, 1e-6);
  EXPECT_NEAR(difference / static_cast<double>(slow.size()), 0, 2 * step);
}

TEST(UnitRunsAlone, OneLongSequenceIsWithinAThousandth) {
  // 1 ms + a term that grows fivefold over the sequence, quadratic in the cache.
  UnitSpec spec = test::unit_spec(PoolRole::decode, 1, [](const StepBatch& b) {
    return 1e-3 * (1 + 4 * b.kv_tokens * b.kv_tokens / 1e8);
  });
  double sum = 0;
  for (int kv = 101; kv < 10000; ++kv) sum += 1e-3 * (1 + 4e-8 * kv * kv);
  spec.redraw_every = 1 << 20;
  ServingUnit unit(spec);
  unit.submit(0, work(0, 100, 9900, 1));
  EXPECT_NEAR(test::time_of(test::play(unit), 0, UnitEventKind::completed), sum, 1e-3 * sum);
  EXPECT_EQ(unit.totals().iterations, 9899);
  EXPECT_NEAR(unit.totals().inter_token_s.mean(), sum / 9899, 1e-3 * sum / 9899);
  // Gaps are entered in parts of 1 %: the median is that of the step at half the tokens.
  EXPECT_NEAR(unit.totals().inter_token_s.quantile(0.5), 1e-3 * (1 + 4e-8 * 5050 * 5050), 2e-5);
}

// The same bits whether advance() is called once, before each arrival, or in many small pieces.
TEST_P(UnitRuns, DoNotDependOnHowAdvanceIsCalled) {
  UnitSpec spec = test::spec_of(GetParam(), test::linear_costs);
  spec.speculation = {2, {0.8, 0.6}};
  spec.pause_every_s = 1.7;
  spec.pause_s = 0.2;
  for (std::uint64_t seed = 11; seed <= 13; ++seed) {
    auto works = load_of(GetParam(), seed);
    for (std::size_t i = 0; i < works.size(); i += 3) works[i].work.load_s = 0.05;
    ServingUnit one(spec);
    for (const auto& timed : works) one.submit(timed.time_s, timed.work);
    std::vector<UnitEvent> at_once;
    one.advance(1e6, at_once);
    ServingUnit two(spec);
    const auto in_steps = play_all(two, works);
    ServingUnit three(spec);
    std::vector<UnitEvent> in_pieces;
    RandomStream stream(seed, 5);
    double time = 0;
    for (const auto& timed : works) {
      for (; time < timed.time_s; time += 0.01 * stream.uniform()) three.advance(time, in_pieces);
      three.advance(timed.time_s, in_pieces);
      three.submit(timed.time_s, timed.work);
      time = timed.time_s;
    }
    three.advance(1e6, in_pieces);
    expect_same(at_once, in_steps, 0);
    expect_same(at_once, in_pieces, 0);
    EXPECT_EQ(one.totals().busy_s, three.totals().busy_s);
    EXPECT_EQ(one.totals().kv_token_seconds, three.totals().kv_token_seconds);
  }
}

}  // namespace
}  // namespace moesim
