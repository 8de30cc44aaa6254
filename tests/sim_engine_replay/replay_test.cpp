#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/sim_engine_replay/graph_builder.hpp"

namespace moesim::test {
namespace {

TEST(Replay, LaneRunsInOrder) {
  GraphBuilder g(1);
  g.compute(0, 1);
  g.compute(0, 2);
  g.compute(0, 3);
  EXPECT_DOUBLE_EQ(replay(g.input()).makespan_s, 6);  // 1 + 2 + 3
}

TEST(Replay, DependencyAcrossRanks) {
  GraphBuilder g(2);
  const auto a = g.compute(0, 2);
  const auto s = g.send(0, 1, 50, {a});
  g.compute(1, 1);
  g.compute(1, 4, {s});
  const EngineResult r = replay(g.input());
  EXPECT_DOUBLE_EQ(r.gpu_end_s[0], 2.5);  // 2 + 50/100
  EXPECT_DOUBLE_EQ(r.gpu_end_s[1], 6.5);  // 2.5 + 4
  EXPECT_DOUBLE_EQ(r.makespan_s, 6.5);
  EXPECT_EQ(r.num_operations, 4U);
}

TEST(Replay, GroupWaitsForItsSlowestMember) {
  GraphBuilder g(1);
  const auto a = g.compute(0, 1);
  OperationCost sync;
  sync.sync = SyncScope::expert_group;
  sync.delay_s = 0.5;
  const auto d = g.exchange(0, sync, {a});
  g.compute(0, 1, {d});
  EngineInput in = g.input(3);
  in.gpus[1].compute_slowdown = 2;
  const EngineResult r = replay(in);
  EXPECT_DOUBLE_EQ(r.gpu_end_s[0], 3.5);  // the group starts at 2, ends at 2.5, then 1 s
  EXPECT_DOUBLE_EQ(r.gpu_end_s[1], 4.5);  // then 2 s
}

TEST(Replay, DelayThenTransfersSideBySideThenTail) {
  GraphBuilder g(1);
  OperationCost c;
  c.delay_s = 0.25;
  c.nic_B = 100;
  c.nvlink_B = 500;
  c.tail_nvlink_B = 250;
  g.exchange(0, c);
  EXPECT_DOUBLE_EQ(replay(g.input()).makespan_s, 1.5);  // 0.25 + max(100/100, 500/1000) + 250/1000
}

TEST(Replay, CycleNamesTheFirstStuckOperation) {
  GraphBuilder g(2);
  const auto a = g.compute(0, 1, {{1, 0}});
  g.compute(1, 1, {a});
  try {
    replay(g.input());
    FAIL();
  } catch (const RunError& e) {
    EXPECT_STREQ(
        e.what(),
        "the replay is stuck at 0 s: column 0, rank 0 operation 0 (attention_forward, micro-batch 0), "
        "member 0 waits for rank 1 operation 0 (attention_forward, micro-batch 0)");
  }
}

}  // namespace
}  // namespace moesim::test
