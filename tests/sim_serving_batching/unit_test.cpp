#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/sim_serving_batching/unit_world.hpp"

namespace moesim {
namespace {

using test::play;
using test::time_of;
using test::unit_spec;
using test::work;

double one_second(const StepBatch& /*batch*/) {
  return 1;
}

TEST(ServingUnit, DecodesOneTokenAnIteration) {
  ServingUnit unit(unit_spec(PoolRole::decode, 1, one_second));
  unit.submit(2, work(7, 10, 5, 1));
  const auto events = play(unit);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(time_of(events, 7, UnitEventKind::started), 2);
  EXPECT_EQ(time_of(events, 7, UnitEventKind::completed), 6);  // four tokens behind the first
  EXPECT_EQ(unit.totals().output_tokens, 4);
  EXPECT_EQ(unit.totals().iterations, 4);
  EXPECT_EQ(unit.totals().sequence_seconds, 4);
  EXPECT_EQ(unit.totals().kv_token_seconds, 11 + 12 + 13 + 14);
  EXPECT_TRUE(unit.idle());
}

TEST(ServingUnit, ARequestJoinsAtTheNextStartOfAnIteration) {
  ServingUnit unit(unit_spec(PoolRole::decode, 1, one_second));
  unit.submit(0, work(0, 10, 11, 1));
  unit.submit(2.5, work(1, 10, 3, 1));
  unit.submit(3, work(2, 10, 3, 1));  // as an iteration starts: too late for it
  const auto events = play(unit);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::started), 3);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::completed), 5);
  EXPECT_EQ(time_of(events, 2, UnitEventKind::started), 4);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 10);
}

TEST(ServingUnit, PromptsGoFirstAndDecodingPauses) {
  // 1 s an iteration; the prompt of request 1 takes 3 chunks of 4 tokens.
  UnitSpec spec = unit_spec(PoolRole::colocated, 1, one_second);
  spec.batching.token_budget = 4;
  ServingUnit unit(spec);
  unit.submit(0, work(0, 4, 5));     // prompt until 1, tokens at 2, 3, then a pause
  unit.submit(2.5, work(1, 12, 2));  // chunks until 6
  const auto events = play(unit);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::first_token), 1);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::first_token), 6);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::completed), 7);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 8);
  // Gaps of request 0: 1, 1, 4 (over the pause), 1; of request 1: 1.
  EXPECT_EQ(unit.totals().inter_token_s.total(), 5);
  EXPECT_DOUBLE_EQ(unit.totals().inter_token_s.mean(), 8.0 / 5);
  EXPECT_DOUBLE_EQ(unit.totals().inter_token_s.share_within(1.01), 0.8);
  EXPECT_EQ(unit.totals().input_tokens, 16);
  EXPECT_EQ(unit.totals().computed_tokens, 16);
  EXPECT_EQ(unit.totals().output_tokens, 7);
}

TEST(ServingUnit, MixedIterationsShareTheBudget) {
  UnitSpec spec = unit_spec(PoolRole::colocated, 1, one_second);
  spec.batching.token_budget = 4;
  spec.batching.prefill_first = false;
  ServingUnit unit(spec);
  unit.submit(0, work(0, 4, 10));   // decodes from 1 to 10
  unit.submit(2.5, work(1, 9, 2));  // 3 tokens of each iteration are left: 3 chunks, 3 to 6
  const auto events = play(unit);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::first_token), 6);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 10);
}

TEST(ServingUnit, CachedTokensNeedNoComputationAndDelayTheStart) {
  UnitSpec spec = unit_spec(PoolRole::prefill, 1, [](const StepBatch& b) { return b.prompt_tokens; });
  ServingUnit unit(spec);
  SequenceWork cached = work(0, 100, 1);
  cached.cached_tokens = 90;
  cached.load_s = 5;
  unit.submit(1, cached);
  unit.submit(1, work(1, 3, 1));
  EXPECT_EQ(unit.load().waiting_tokens, 13);
  const auto events = play(unit);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::first_token), 4);  // not held up by the one that loads
  EXPECT_EQ(time_of(events, 0, UnitEventKind::started), 6);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::first_token), 16);
  EXPECT_EQ(unit.totals().input_tokens, 103);
  EXPECT_EQ(unit.totals().computed_tokens, 13);
}

TEST(ServingUnit, StandsStillForPauses) {
  UnitSpec spec = unit_spec(PoolRole::decode, 1, one_second);
  spec.pause_every_s = 3;
  spec.pause_s = 10;
  ServingUnit unit(spec);
  unit.submit(0, work(0, 10, 5, 1));
  // Tokens at 1, 2, 3, then a pause until 13, in which those of 6, 9 and 12 fall.
  auto events = play(unit);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 14);
  EXPECT_EQ(unit.totals().paused_s, 10);
  EXPECT_EQ(unit.totals().busy_s, 4);
}

TEST(ServingUnit, WaitsForTheRestOfAPauseThatBeganWhileItWasIdle) {
  UnitSpec spec = unit_spec(PoolRole::decode, 1, one_second);
  spec.pause_every_s = 20;
  spec.pause_s = 10;
  ServingUnit unit(spec);
  unit.submit(25, work(0, 10, 2, 1));  // from 20 to 30
  unit.submit(75, work(1, 10, 2, 1));  // the one at 60 is over
  const auto events = play(unit);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 31);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::completed), 76);
  EXPECT_EQ(unit.totals().paused_s, 5);
}

TEST(ServingUnit, AFailureGivesBackWhatWasSubmitted) {
  UnitSpec spec = unit_spec(PoolRole::colocated, 2, one_second);
  spec.batching.max_batch = 1;
  ServingUnit unit(spec);
  for (int i = 0; i < 5; ++i) unit.submit(0, work(i, 10, 10));
  std::vector<UnitEvent> events;
  unit.advance(4.5, events);
  const auto works = unit.fail();
  ASSERT_EQ(works.size(), 5U);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(works[static_cast<std::size_t>(i)].request, i);
    EXPECT_EQ(works[static_cast<std::size_t>(i)].generated_tokens, 0);
  }
  EXPECT_TRUE(unit.idle());
  EXPECT_GT(unit.next_event(), 1e300);
  unit.submit(5, works[3]);
  EXPECT_EQ(time_of(play(unit), 3, UnitEventKind::completed), 15);
}

TEST(ServingUnit, AWarmStartGoesOn) {
  ServingUnit unit(unit_spec(PoolRole::decode, 4, one_second), 100);
  for (int i = 0; i < 8; ++i) unit.place_running(work(i, 10, 10, 3));
  EXPECT_EQ(unit.load().running, 8);
  EXPECT_EQ(unit.load().running_tokens, 8 * 13);
  const auto events = play(unit);
  EXPECT_EQ(events.size(), 8U);
  EXPECT_EQ(time_of(events, 5, UnitEventKind::completed), 107);
  EXPECT_THROW(unit.place_running(work(9, 10, 10, 10)), std::invalid_argument);
}

TEST(ServingUnit, RefusesWhatMakesNoSense) {
  UnitSpec spec = unit_spec(PoolRole::decode, 1, one_second);
  spec.batching.max_batch = 0;
  EXPECT_THROW(ServingUnit{spec}, std::invalid_argument);
  spec = unit_spec(PoolRole::decode, 1, one_second);
  spec.costs = nullptr;
  EXPECT_THROW(ServingUnit{spec}, std::invalid_argument);
  ServingUnit unit(unit_spec(PoolRole::decode, 1, one_second));
  EXPECT_THROW(unit.submit(0, work(0, -1, 1)), std::invalid_argument);
  std::vector<UnitEvent> events;
  unit.advance(3, events);
  EXPECT_THROW(unit.submit(2, work(0, 1, 2, 1)), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
