#include <gtest/gtest.h>

#include "tests/sim_serving_batching/random_load.hpp"

namespace moesim {
namespace {

using test::play;
using test::time_of;
using test::unit_spec;
using test::work;

double one_second(const StepBatch& /*batch*/) {
  return 1;
}

/// Mean batch of a unit that always has requests waiting.
double saturated_batch(std::int64_t blocks) {
  UnitSpec spec = unit_spec(PoolRole::decode, 2, one_second);
  spec.block_tokens = 16;
  spec.kv_blocks = blocks;
  ServingUnit unit(spec);
  for (int i = 0; i < 2000; ++i) unit.submit(0, work(i, 160, 161, 1));
  std::vector<UnitEvent> events;
  unit.advance(2000, events);
  const UnitTotals& totals = unit.totals();
  return totals.sequence_seconds / totals.busy_s;
}

TEST(UnitMemory, FewerBlocksLowerTheBatch) {
  // A cache of 160 to 321 tokens has 15.5 blocks on average: at most 2 x blocks / 15.5 run at once, fewer
  // because admission does not look ahead.
  double before = 0;
  for (const std::int64_t blocks : {100, 200, 400, 800}) {
    const double batch = saturated_batch(blocks);
    EXPECT_LE(batch, 2 * static_cast<double>(blocks) / 15.0) << blocks;
    EXPECT_GE(batch, 2 * static_cast<double>(blocks) / 21.0) << blocks;
    EXPECT_GT(batch, 1.8 * before) << blocks;
    before = batch;
  }
}

TEST(UnitMemory, ARequestThatNeverFitsIsRejectedAtOnce) {
  UnitSpec spec = unit_spec(PoolRole::colocated, 1, one_second);
  spec.block_tokens = 16;
  spec.kv_blocks = 10;
  ServingUnit unit(spec);
  EXPECT_TRUE(unit.can_ever_hold(150, 10));
  EXPECT_FALSE(unit.can_ever_hold(151, 10));
  unit.submit(0, work(0, 150, 10));
  unit.submit(2.5, work(1, 151, 10));
  unit.submit(2.5, work(2, 10, 2));
  const auto events = play(unit);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::rejected), 2.5);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 10);
  EXPECT_EQ(time_of(events, 2, UnitEventKind::started), 10);  // all blocks were taken
  EXPECT_EQ(unit.totals().rejected, 1);
}

TEST(UnitMemory, OddRequestsEnd) {
  // No prompt, no room at all, all tokens there already, everything cached.
  UnitSpec spec = unit_spec(PoolRole::colocated, 1, one_second);
  spec.kv_blocks = 1;
  ServingUnit unit(spec);
  unit.submit(0, work(0, 0, 1));
  unit.submit(0, work(1, 10, 5, 5));
  unit.submit(0, work(2, 60, 2, 9));
  SequenceWork cached = work(3, 10, 3);
  cached.cached_tokens = 10;
  unit.submit(0, cached);
  const auto events = play(unit);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 1);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::completed), 1);
  EXPECT_EQ(time_of(events, 2, UnitEventKind::rejected), 0);
  EXPECT_EQ(time_of(events, 3, UnitEventKind::completed), 4);
  EXPECT_EQ(unit.totals().computed_tokens, 2);  // one of the cached prompt yields its first token
  spec.role = PoolRole::prefill;
  spec.kv_blocks = 0;
  ServingUnit none(spec);
  none.submit(0, work(0, 0, 1));
  EXPECT_EQ(time_of(play(none), 0, UnitEventKind::rejected), 0);
  EXPECT_TRUE(none.idle());
}

TEST(UnitMemory, TheLastAdmittedIsPreemptedAndComputedAgain) {
  // 8 blocks of 16: both caches start with 4 blocks (50 and 51 tokens) and would need 5 at 65.
  UnitSpec spec = unit_spec(PoolRole::decode, 1, one_second);
  spec.block_tokens = 16;
  spec.kv_blocks = 8;
  spec.batching.token_budget = 32;
  ServingUnit unit(spec);
  unit.submit(0, work(0, 50, 31, 1));  // 51 tokens, ends at 30
  unit.submit(0, work(1, 50, 31, 1));
  const auto events = play(unit);
  // After 14 iterations both have 65 tokens: 10 blocks. Request 1 waits until 30, computes its 65 tokens in
  // 3 chunks, of which the last yields a token, and makes 31 - 16 = 15 more.
  EXPECT_EQ(time_of(events, 1, UnitEventKind::preempted), 14);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 30);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::completed), 33 + 15);
  EXPECT_EQ(unit.totals().recomputed_tokens, 65);
  EXPECT_EQ(unit.totals().output_tokens, 60);
  EXPECT_DOUBLE_EQ(unit.totals().inter_token_s.quantile(1), unit.totals().inter_token_s.quantile(0.999));
}

TEST(UnitMemory, SwappingDelaysByItsBytes) {
  UnitSpec spec = unit_spec(PoolRole::decode, 1, one_second);
  spec.block_tokens = 16;
  spec.kv_blocks = 8;
  spec.batching.preemption = Preemption::swap;
  spec.kv_bytes_per_token = 100;
  spec.swap_bytes_per_s = 13000;  // 65 tokens: 0.5 s
  ServingUnit unit(spec);
  unit.submit(0, work(0, 50, 31, 1));
  unit.submit(0, work(1, 50, 31, 1));
  const auto events = play(unit);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::preempted), 14);
  EXPECT_EQ(time_of(events, 0, UnitEventKind::completed), 30.5);
  EXPECT_EQ(time_of(events, 1, UnitEventKind::completed), 30.5 + 0.5 + 16);
  EXPECT_EQ(unit.totals().swapped_bytes, 2 * 6500);
  EXPECT_EQ(unit.totals().recomputed_tokens, 0);
}

TEST(UnitMemory, ChunksBoundThePauseOfDecoding) {
  // 1 ms a prompt token: a prompt of 4,000 holds up decoding for 4 s in one piece, and 0.5 s at a time where
  // chunks share iterations with it.
  const auto longest_gap = [](bool chunked) {
    UnitSpec spec =
        unit_spec(PoolRole::colocated, 1, [](const StepBatch& b) { return 0.01 + 1e-3 * b.prompt_tokens; });
    spec.batching.token_budget = 500;
    spec.batching.chunked_prefill = chunked;
    spec.batching.prefill_first = false;
    ServingUnit unit(spec);
    unit.submit(0, work(0, 10, 1000));
    unit.submit(1, work(1, 4000, 2));
    play(unit);
    return unit.totals().inter_token_s.quantile(1);
  };
  EXPECT_NEAR(longest_gap(false), 4.01, 0.01);
  EXPECT_NEAR(longest_gap(true), 0.51, 0.002);
}

TEST(UnitMemory, DraftsAdvanceByTheirMean) {
  // Conditional acceptance 0.8: 1.8 tokens an iteration.
  UnitSpec spec = unit_spec(PoolRole::decode, 4, one_second);
  spec.speculation = {1, {0.8}};
  ServingUnit unit(spec);
  for (int i = 0; i < 400; ++i) unit.submit(0, work(i, 100, 1801, 1));
  play(unit);
  const UnitTotals& totals = unit.totals();
  EXPECT_NEAR(totals.accepted_tokens / totals.sequence_iterations, 1.8, 0.005);
  EXPECT_NEAR(totals.output_tokens, 400 * 1800, 1e-6);
  EXPECT_NEAR(totals.inter_token_s.mean(), 1 / 1.8, 0.01);
}

}  // namespace
}  // namespace moesim
