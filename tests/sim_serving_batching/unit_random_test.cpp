#include <gtest/gtest.h>

#include <map>

#include "tests/sim_serving_batching/random_load.hpp"

namespace moesim {
namespace {

using test::load_of;
using test::TimedWork;
using test::unit_cases;
using test::UnitCase;

class RandomLoads : public testing::TestWithParam<UnitCase> {};
INSTANTIATE_TEST_SUITE_P(Cases, RandomLoads, testing::ValuesIn(unit_cases()),
                         [](const auto& info) { return std::string(info.param.name); });

/// What became of each request, by its events.
struct Ledger {
  std::map<std::int64_t, std::map<UnitEventKind, int>> counts;
  double last_s = 0;

  void add(const std::vector<UnitEvent>& events) {
    for (const UnitEvent& event : events) {
      EXPECT_GE(event.time_s, last_s);
      last_s = event.time_s;
      ++counts[event.request][event.kind];
    }
  }
};

UnitSpec spec_with_everything(const UnitCase& of, Preemption preemption) {
  UnitSpec spec = test::spec_of(of, test::linear_costs);
  spec.batching.preemption = preemption;
  spec.speculation = {1, {0.7}};
  spec.kv_bytes_per_token = 70e3;
  spec.pause_every_s = 2;
  spec.pause_s = 0.1;
  return spec;
}

/// Plays with an audit after every event; the unit fails at `fail_s` and gets its requests again.
Ledger play_audited(ServingUnit& unit, const std::vector<TimedWork>& works, double fail_s) {
  Ledger ledger;
  std::vector<UnitEvent> events;
  std::size_t next = 0;
  bool failed = false;
  while (next < works.size() || unit.next_event() < 1e300) {
    const double arrival = next < works.size() ? works[next].time_s : 1e300;
    const double time = std::min(unit.next_event(), arrival);
    unit.advance(time, events);
    ledger.add(events);
    events.clear();
    if (time == arrival) unit.submit(time, works[next++].work);
    if (!failed && time > fail_s) {
      failed = true;
      for (const SequenceWork& work : unit.fail()) {
        ledger.counts.erase(work.request);
        unit.submit(time, work);
      }
    }
    unit.audit();
  }
  return ledger;
}

TEST_P(RandomLoads, LoseNothingAndServeNothingTwice) {
  for (const Preemption preemption : {Preemption::recompute, Preemption::swap}) {
    ServingUnit unit(spec_with_everything(GetParam(), preemption));
    const auto works = load_of(GetParam(), 21);
    const Ledger ledger = play_audited(unit, works, 3.3);
    EXPECT_TRUE(unit.idle());
    const bool prefill = GetParam().role == PoolRole::prefill;
    for (const TimedWork& timed : works) {
      ASSERT_TRUE(ledger.counts.contains(timed.work.request));
      auto counts = ledger.counts.at(timed.work.request);
      const bool fits = unit.can_ever_hold(timed.work.input_tokens, timed.work.output_tokens);
      EXPECT_EQ(counts[UnitEventKind::rejected], fits ? 0 : 1);
      EXPECT_EQ(counts[UnitEventKind::started], fits ? 1 : 0);
      EXPECT_EQ(counts[UnitEventKind::first_token], fits && GetParam().role != PoolRole::decode ? 1 : 0);
      EXPECT_EQ(counts[UnitEventKind::completed], fits && !prefill ? 1 : 0);
    }
  }
}

// Without a failure every token is made once: the sum of outputs, and as many gaps as tokens behind the
// first of each request.
TEST_P(RandomLoads, ConserveTokens) {
  for (const Preemption preemption : {Preemption::recompute, Preemption::swap}) {
    ServingUnit unit(spec_with_everything(GetParam(), preemption));
    const auto works = load_of(GetParam(), 22);
    test::play_all(unit, works);
    double input = 0;
    double output = 0;
    double behind = 0;
    for (const TimedWork& timed : works) {
      if (!unit.can_ever_hold(timed.work.input_tokens, timed.work.output_tokens)) continue;
      if (GetParam().role != PoolRole::decode) input += static_cast<double>(timed.work.input_tokens);
      if (GetParam().role != PoolRole::decode) output += 1;
      if (GetParam().role == PoolRole::prefill) continue;
      behind += static_cast<double>(timed.work.output_tokens - 1);
    }
    const UnitTotals& totals = unit.totals();
    EXPECT_EQ(totals.input_tokens, input);
    EXPECT_NEAR(totals.output_tokens, output + behind, 1e-6);
    EXPECT_EQ(totals.computed_tokens - totals.recomputed_tokens, input);
    EXPECT_NEAR(totals.inter_token_s.total(), behind, 0.02 * behind);
    EXPECT_NEAR(totals.step.total(), totals.busy_s, 1e-9 * totals.busy_s);
    EXPECT_LE(totals.kv_used_max, 1);
  }
}

TEST(RandomLoads, TheCasesDoPreemptAndReject) {
  int preempting = 0;
  int rejecting = 0;
  for (const UnitCase& of : unit_cases()) {
    ServingUnit unit(spec_with_everything(of, Preemption::recompute));
    test::play_all(unit, load_of(of, 21));
    preempting += unit.totals().preemptions > 5 ? 1 : 0;
    rejecting += unit.totals().rejected > 0 ? 1 : 0;
  }
  EXPECT_GE(preempting, 4);
  EXPECT_GE(rejecting, 4);
}

}  // namespace
}  // namespace moesim
