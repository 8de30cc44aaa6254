#include <gtest/gtest.h>

#include "tests/sim_engine_replay/graph_builder.hpp"
#include "tests/sim_engine_replay/pipeline_step.hpp"
#include "tests/sim_engine_simgrid/engines_agree.hpp"

namespace moesim::test {
namespace {

constexpr double kNumSms = 132;

/// Computation runs on what is left of 132 SMs while communication holds `held` of them.
OpGraph with_held_sms(OpGraph graph, int held) {
  for (OperationCost& cost : graph.costs) {
    cost.holds_sms = cost.holds_sms && held > 0;
    cost.overlapped_rate = 1 - held / kNumSms;
  }
  return graph;
}

class HeldSms : public ::testing::TestWithParam<int> {};

/// A DualPipe step with dispatch and combine, sends to both sides and gradients on one NIC, by the number of
/// SMs that communication holds.
TEST_P(HeldSms, EnginesAgreeOnAV3Step) {
  const PipelineStep step({ScheduleKind::dualpipe, 16, 40}, 4, true);
  const OpGraph graph = with_held_sms(step.graph(), GetParam());
  EngineInput input = step.input(1, 1, 0.05);
  input.graph = &graph;
  expect_agreement(input, 1e-10);
}

TEST_P(HeldSms, EnginesAgreeOnExpertGroupsWithJitter) {
  const PipelineStep step({ScheduleKind::dualpipe, 4, 12}, 2, true);
  const OpGraph graph = with_held_sms(step.graph(), GetParam());
  EngineInput input = step.input(4, 2, 0.05);
  input.graph = &graph;
  input.jitter_sigma = 0.02;
  expect_agreement(input, 1e-10);
}

INSTANTIATE_TEST_SUITE_P(Sms, HeldSms, ::testing::Values(0, 8, 20, 40));

/// What the engines agree on is contention: each SM more that communication holds costs time, and so does one
/// NIC for everything (sends and gradients as latencies of the same length share nothing).
TEST(Contended, AV3StepFeelsHeldSmsAndItsNic) {
  const PipelineStep step({ScheduleKind::dualpipe, 4, 12}, 2, true);
  EngineInput input = step.input(1, 1, 0);
  const auto makespan_s = [&](const OpGraph& graph) {
    input.graph = &graph;
    NullSink sink;
    return make_simgrid_engine()->run(input, sink).makespan_s;
  };
  OpGraph apart = with_held_sms(step.graph(), 0);
  for (OperationCost& cost : apart.costs) {
    if (cost.nvlink_B > 0) continue;
    cost.delay_s += cost.nic_B / input.gpus[0].nic_out_Bps;
    cost.nic_B = 0;
  }
  double before_s = makespan_s(apart);
  for (const int held : {0, 8, 20, 40}) {
    const double after_s = makespan_s(with_held_sms(step.graph(), held));
    EXPECT_GT(after_s, before_s * 1.001) << held << " SMs";
    before_s = after_s;
  }
}

OperationCost nic(double bytes) {
  OperationCost cost;
  cost.nic_B = bytes;
  return cost;
}

EngineResult simgrid(const EngineInput& input) {
  NullSink sink;
  return make_simgrid_engine()->run(input, sink);
}

TEST(Contended, DispatchSendAndGradientsShareOneNic) {
  GraphBuilder g(2);
  g.exchange(0, nic(300));
  g.send(0, 1, 100);
  g.add(0, Lane::data_parallel, nic(200));
  // All three leave rank 0's 100 B/s. A third each until the send ends at 3 s; half each until the gradients
  // have moved their other 100 B at 5 s; the last 100 B of the dispatch alone end at 6 s.
  EngineInput input = g.input();
  MemorySink sink;
  EXPECT_DOUBLE_EQ(make_simgrid_engine()->run(input, sink).makespan_s, 6);
  ASSERT_EQ(sink.spans().size(), 3U);
  EXPECT_NEAR(sink.spans()[0].end_s, 3, 1e-12);
  EXPECT_NEAR(sink.spans()[1].end_s, 5, 1e-12);
}

TEST(Contended, ASlowReceiverLeavesBandwidthToOthers) {
  GraphBuilder g(2);
  g.send(0, 1, 20);
  g.exchange(0, nic(160));
  EngineInput input = g.input();
  input.gpus[1].nic_in_Bps = 20;
  // The send is held to 20 B/s by its receiver and ends at 1 s; the exchange has 80 B/s meanwhile and moves
  // its other 80 B at 100 B/s.
  EXPECT_DOUBLE_EQ(simgrid(input).makespan_s, 1.8);
}

TEST(Contended, HeldSmsSlowComputationBelowAHalf) {
  GraphBuilder g(1);
  OperationCost work;
  work.work_s = 2;
  work.overlapped_rate = 0.25;
  g.add(0, Lane::computation, work);
  g.add(0, Lane::computation, work);
  OperationCost hold;
  hold.holds_sms = true;
  hold.delay_s = 4;
  g.exchange(0, hold);
  // A quarter of the rate for 4 s does 1 s of the first; its other second and the second operation run alone.
  EXPECT_DOUBLE_EQ(simgrid(g.input()).makespan_s, 4 + 1 + 2);
}

}  // namespace
}  // namespace moesim::test
