#include "sim/engine/simgrid/simgrid_engine.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/error.hpp"
#include "tests/sim_engine_replay/graph_builder.hpp"

namespace moesim::test {
namespace {

EngineResult simgrid(const EngineInput& input) {
  NullSink sink;
  return make_simgrid_engine()->run(input, sink);
}

std::string error_of(const EngineInput& input) {
  try {
    simgrid(input);
  } catch (const RunError& e) {
    return e.what();
  }
  return {};
}

TEST(Simgrid, HasAName) {
  EXPECT_EQ(make_simgrid_engine()->name(), "simgrid");
}

TEST(Simgrid, DelayThenTransfersSideBySideThenTail) {
  GraphBuilder g(1);
  OperationCost c;
  c.delay_s = 0.25;
  c.nic_B = 100;
  c.nvlink_B = 500;
  c.tail_nvlink_B = 250;
  g.exchange(0, c);
  EXPECT_DOUBLE_EQ(simgrid(g.input()).makespan_s, 1.5);  // 0.25 + max(100/100, 500/1000) + 250/1000
}

TEST(Simgrid, HostLaunchesInOrderAndWaits) {
  GraphBuilder g(1);
  OperationCost c;
  c.work_s = 0.1;
  c.issue_s = 1;
  c.first_issue_s = 0.25;
  c.host_waits = true;
  g.add(0, Lane::computation, c);
  g.add(0, Lane::computation, c);
  // The first is launched at 0.25 s and all issued at 1 s; only then the host starts on the second.
  MemorySink sink;
  EXPECT_DOUBLE_EQ(make_simgrid_engine()->run(g.input(), sink).makespan_s, 2);
  ASSERT_EQ(sink.spans().size(), 2U);
  EXPECT_DOUBLE_EQ(sink.spans()[0].start_s, 0.25);
  EXPECT_DOUBLE_EQ(sink.spans()[1].start_s, 1.25);
}

TEST(Simgrid, ColumnsMeetInOperationsOfScopeAll) {
  GraphBuilder g(1);
  OperationCost all;
  all.nic_B = 100;
  all.sync = SyncScope::all;
  const auto a = g.compute(0, 1);
  const auto d = g.add(0, Lane::data_parallel, all, {a});
  g.compute(0, 1, {d});
  EngineInput input = g.input(2, 2);
  input.gpus[1].compute_slowdown = 3;
  input.gpus[2].nic_in_Bps = 50;
  // All start at 3 s, the slow NIC ends at 5 s, then 1 s, three on GPU 1.
  EXPECT_EQ(simgrid(input).gpu_end_s, (std::vector<double>{6, 8, 6, 6}));
}

TEST(Simgrid, BytesMayBeFractionsAndTiny) {
  GraphBuilder g(1);
  OperationCost c;
  c.nic_B = 0.125;
  g.exchange(0, c);
  c.nic_B = 1e6;
  g.exchange(0, c);
  EXPECT_DOUBLE_EQ(simgrid(g.input()).makespan_s, 0.00125 + 1e4);
}

TEST(Simgrid, RunsAgainAndAgainInOneProcess) {
  GraphBuilder g(2);
  const auto a = g.compute(0, 1);
  g.send(0, 1, 50, {a});
  const auto engine = make_simgrid_engine();
  NullSink sink;
  for (int i = 0; i < 20; ++i) EXPECT_DOUBLE_EQ(engine->run(g.input(), sink).makespan_s, 1.5);
}

// 200 operations are two for each hundredth.
TEST(Simgrid, TellsEachHundredthOfItsOperations) {
  GraphBuilder g(1);
  for (int i = 0; i < 200; ++i) g.compute(0, 1);
  EngineInput input = g.input();
  std::vector<double> told;
  input.progress = [&](double fraction) { told.push_back(fraction); };
  simgrid(input);
  ASSERT_EQ(told.size(), 100U);
  for (int i = 1; i <= 100; ++i) EXPECT_DOUBLE_EQ(told[static_cast<std::size_t>(i - 1)], i / 100.0);
}

TEST(Simgrid, NoOperationsIsAnEmptyStep) {
  GraphBuilder g(2);
  EXPECT_EQ(simgrid(g.input()).makespan_s, 0);
}

TEST(Simgrid, AnyNumberOfOperationsThatTakeNoTime) {
  GraphBuilder g(1);
  for (int i = 0; i < 100'000; ++i) g.compute(0, 0);
  const EngineResult r = simgrid(g.input());
  EXPECT_EQ(r.makespan_s, 0);
  EXPECT_EQ(r.num_operations, 100'000U);
}

TEST(Simgrid, WrongNumberOfGpusIsARunError) {
  GraphBuilder g(2);
  g.compute(0, 1);
  EngineInput input = g.input();
  input.gpus.pop_back();
  EXPECT_EQ(error_of(input), "simgrid: 1 GPUs are given, 2 are needed");
}

TEST(Simgrid, ATimeThatIsNotFiniteIsARunError) {
  GraphBuilder g(1);
  g.compute(0, std::numeric_limits<double>::infinity());
  EXPECT_EQ(error_of(g.input()), "simgrid: an operation's time is not finite");
}

TEST(Simgrid, CycleNamesTheFirstStuckOperation) {
  GraphBuilder g(2);
  const auto a = g.compute(0, 1, {{1, 0}});
  g.compute(1, 1, {a});
  EXPECT_EQ(
      error_of(g.input()),
      "the simulation is stuck at 0 s: column 0, rank 0 operation 0 (attention_forward, micro-batch 0), "
      "member 0 waits for rank 1 operation 0 (attention_forward, micro-batch 0)");
}

TEST(Simgrid, ZeroBandwidthNamesTheOperation) {
  GraphBuilder g(2);
  const auto a = g.compute(0, 1);
  g.send(0, 1, 10, {a});
  EngineInput input = g.input();
  input.gpus[1].nic_in_Bps = 0;
  EXPECT_EQ(error_of(input),
            "the simulation is stuck at 1 s: column 0, rank 0 operation 1 (send_activation, micro-batch 0), "
            "member 0 never ends: a bandwidth that it needs is zero");
}

TEST(Simgrid, AMemberThatNeverComesStopsItsScope) {
  GraphBuilder g(1);
  OperationCost c;
  c.nic_B = 10;
  c.sync = SyncScope::expert_group;
  g.exchange(0, c);
  EngineInput input = g.input(2);
  input.gpus[1].nic_out_Bps = 0;
  EXPECT_EQ(
      error_of(input),
      "the simulation is stuck at 0.1 s: column 0, rank 0 operation 0 (dispatch_forward, micro-batch 0), "
      "member 0 waits for other members of its scope to end");
}

}  // namespace
}  // namespace moesim::test
