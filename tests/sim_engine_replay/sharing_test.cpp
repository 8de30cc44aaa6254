#include <gtest/gtest.h>

#include "base/math.hpp"
#include "base/random.hpp"
#include "tests/sim_engine_replay/graph_builder.hpp"

namespace moesim::test {
namespace {

OperationCost nic(double bytes) {
  OperationCost cost;
  cost.nic_B = bytes;
  return cost;
}

TEST(Sharing, ExchangeAndSendShareTheSendersNic) {
  GraphBuilder g(2);
  g.exchange(0, nic(100));
  g.send(0, 1, 100);
  g.exchange(1, nic(25));
  const EngineResult r = replay(g.input());
  // Rank 0's nic_out: two flows, 50 B/s each. Rank 1's nic_in: the send and its own exchange, 50 B/s each,
  // but the exchange also has nic_out of rank 1 to itself, so 50 B/s: 25 B end at 0.5 s.
  EXPECT_DOUBLE_EQ(r.gpu_end_s[1], 0.5);
  EXPECT_DOUBLE_EQ(r.gpu_end_s[0], 2.0);  // 100 B at 50 B/s both
}

TEST(Sharing, MaxMinGivesWhatASlowReceiverLeaves) {
  GraphBuilder g(2);
  g.exchange(0, nic(140));
  g.send(0, 1, 60);
  EngineInput in = g.input();
  in.gpus[1].nic_in_Bps = 30;
  // The send is held to 30 B/s by the receiver, so the exchange gets 100 - 30 = 70 B/s: both end at 2 s.
  EXPECT_DOUBLE_EQ(replay(in).makespan_s, 2.0);
  const std::vector<Span> spans = spans_of(in);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_DOUBLE_EQ(spans[0].end_s, 2.0);
  EXPECT_EQ(static_cast<Lane>(spans[0].lane), Lane::communication);  // ties by lane
}

TEST(Sharing, SendJoinsARunningExchange) {
  GraphBuilder g(2);
  const auto a = g.compute(0, 0.5);
  g.exchange(0, nic(100));
  g.send(0, 1, 100, {a});
  const std::vector<Span> spans = spans_of(g.input());
  // Alone until 0.5 s: 50 B are left of the exchange, at 50 B/s until 1.5 s; then 50 B of the send at 100
  // B/s.
  EXPECT_DOUBLE_EQ(spans[1].end_s, 1.5);
  EXPECT_DOUBLE_EQ(spans[2].end_s, 2.0);
}

TEST(Sharing, NvlinkIsSharedByStepTwoAndTail) {
  GraphBuilder g(2);
  OperationCost c;
  c.tail_nvlink_B = 1000;
  g.exchange(0, c);
  c.tail_nvlink_B = 0;
  c.nvlink_B = 500;
  g.add(0, Lane::data_parallel, c);
  // 500 B/s each: the second ends at 1 s, then the first has 500 B left at 1000 B/s.
  EXPECT_DOUBLE_EQ(replay(g.input()).makespan_s, 1.5);
}

TEST(Sharing, SlowNicHoldsTheWholeGroup) {
  GraphBuilder g(1);
  OperationCost c = nic(100);
  c.sync = SyncScope::expert_group;
  const auto d = g.exchange(0, c);
  g.compute(0, 1, {d});
  EngineInput in = g.input(4);
  in.gpus[2].nic_in_Bps = 50;
  for (const double end_s : replay(in).gpu_end_s) EXPECT_DOUBLE_EQ(end_s, 3);  // 100 B / 50 B/s + 1 s
}

TEST(Sharing, ExpertLoadScalesWorkAndNvlinkOnly) {
  GraphBuilder g(1);
  OperationCost c;
  c.expert_share = 1;
  c.nic_B = 100;
  c.nvlink_B = 1000;
  const auto d = g.exchange(0, c);
  OperationCost work;
  work.work_s = 1;
  work.expert_share = 0.5;
  g.add(0, Lane::computation, work, {d});
  EngineInput in = g.input();
  in.gpus[0].expert_load = 1.5;
  EXPECT_DOUBLE_EQ(replay(in).makespan_s, 2.75);  // max(100/100, 1.5 * 1000/1000) + (0.5 + 0.5 * 1.5) * 1
}

TEST(Sharing, HeldSmsSlowComputationHalfway) {
  GraphBuilder g(1);
  OperationCost work;
  work.work_s = 2;
  work.overlapped_rate = 0.5;
  g.add(0, Lane::computation, work);
  OperationCost c;
  c.holds_sms = true;
  c.delay_s = 1;
  g.exchange(0, c);
  EXPECT_DOUBLE_EQ(replay(g.input()).makespan_s, 2.5);  // 1 s at half speed does 0.5 s, 1.5 s are left
}

TEST(Sharing, SmsAreFreeWhileAMemberWaitsForItsGroup) {
  GraphBuilder g(1);
  OperationCost work;
  work.work_s = 2;
  work.overlapped_rate = 0.5;
  g.add(0, Lane::computation, work);
  OperationCost c = nic(100);
  c.holds_sms = true;
  c.sync = SyncScope::expert_group;
  g.exchange(0, c);
  EngineInput in = g.input(2);
  in.gpus[1].nic_out_Bps = 25;
  const EngineResult r = replay(in);
  // Member 1 runs its steps until 4 s and holds SMs till its computation ends, 2 / 0.5 = 4 s. Member 0's
  // steps end at 1 s with 0.5 s done; it then computes at full speed to 2.5 s, and its exchange counts as
  // done at 4 s.
  EXPECT_DOUBLE_EQ(r.gpu_end_s[0], 4);
  EXPECT_DOUBLE_EQ(spans_of(in)[0].end_s, 2.5);
}

TEST(Host, LaunchBoundOperationsFollowTheHost) {
  GraphBuilder g(1);
  OperationCost c;
  c.work_s = 0.1;
  c.issue_s = 1;
  c.first_issue_s = 0.25;
  for (int i = 0; i < 3; ++i) g.add(0, Lane::computation, c);
  const std::vector<Span> spans = spans_of(g.input());
  // Operation k is launched at k + 0.25 and cannot end before all of it is issued, at k + 1.
  EXPECT_DOUBLE_EQ(spans[2].start_s, 2.25);
  EXPECT_DOUBLE_EQ(spans[2].end_s, 3);
}

TEST(Host, WaitsForAnOperation) {
  GraphBuilder g(1);
  OperationCost c;
  c.work_s = 2;
  c.issue_s = 0.5;
  c.first_issue_s = 0.5;
  c.host_waits = true;
  g.add(0, Lane::computation, c);
  OperationCost d = nic(100);
  d.issue_s = d.first_issue_s = 0.25;
  g.exchange(0, d);
  // The first runs from 0.5 to 2.5 s; only then the host issues the second, which runs from 2.75 to 3.75 s.
  EXPECT_DOUBLE_EQ(replay(g.input()).makespan_s, 3.75);
}

TEST(Jitter, IsTheDrawOfGpuAndPosition) {
  GraphBuilder g(1);
  OperationCost c;
  c.work_s = 1;
  c.pads_jitter = true;
  g.add(0, Lane::computation, c);
  EngineInput in = g.input(2);
  in.jitter_sigma = 0.1;
  in.seed = 7;
  const EngineResult r = replay(in);
  // exp(0.1 z - 0.005), z = normal_at(seed 7, stream = GPU, index = position 0)
  EXPECT_DOUBLE_EQ(r.gpu_end_s[0], exp_det(0.1 * normal_at(7, 0, 0) - 0.005));
  EXPECT_DOUBLE_EQ(r.gpu_end_s[1], exp_det(0.1 * normal_at(7, 1, 0) - 0.005));
}

TEST(Columns, MeetInOperationsOfScopeAll) {
  GraphBuilder g(2);
  OperationCost all = nic(100);
  all.sync = SyncScope::all;
  for (int rank = 0; rank < 2; ++rank) {
    const auto a = g.compute(rank, 1 + rank);
    const auto d = g.add(rank, Lane::data_parallel, all, {a});
    g.compute(rank, 1, {d});
  }
  EngineInput in = g.input(1, 3);
  in.gpus[2].compute_slowdown = 3;  // column 1, rank 0
  in.gpus[5].nic_in_Bps = 50;       // column 2, rank 1
  // Rank 0 of every column starts at 3 s (column 1 computes 1 s three times as slowly) and ends at 4 s; rank
  // 1 starts at 2 s and ends with column 2's 100 B at 50 B/s at 4 s. Then 1 s, three in column 1 rank 0.
  EXPECT_EQ(replay(in).gpu_end_s, (std::vector<double>{5, 5, 7, 5, 5, 5}));
}

TEST(RankTimes, SumOnePass) {
  GraphBuilder g(1);
  const auto a = g.compute(0, 1);
  const auto d = g.exchange(0, nic(200), {a});
  const auto b = g.compute(0, 1, {a});
  g.compute(0, 1, {b, d});
  g.microbatch = 1;
  g.compute(0, 2);
  const RankTimes t = replay(g.input()).ranks[0];
  // Computation 0-1, 1-2, 3-4 | 4-6; the exchange 1-3, of which 2-3 is exposed.
  EXPECT_DOUBLE_EQ(t.pass_s[static_cast<std::size_t>(PassKind::forward)], 6);  // 4 and 2
  EXPECT_DOUBLE_EQ(t.phase_s[static_cast<std::size_t>(Phase::dispatch_forward)], 2);
  EXPECT_DOUBLE_EQ(t.busy_s[static_cast<std::size_t>(Lane::computation)], 5);
  EXPECT_DOUBLE_EQ(t.exposed_communication_s, 1);
  EXPECT_DOUBLE_EQ(t.idle_s, 0);
}

}  // namespace
}  // namespace moesim::test
