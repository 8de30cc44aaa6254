#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/sim_engine_replay/pipeline_step.hpp"
#include "tests/sim_engine_simgrid/engines_agree.hpp"

namespace moesim::test {
namespace {

struct Column {
  ScheduleKind kind;
  int ranks, members;
};

class EveryGpu : public ::testing::TestWithParam<Column> {};

/// Every GPU of a column of 1024, 20 micro-batches, one layer a stage; speeds drawn from 1 +- 5 %, one NIC at
/// 60 % and one rank whose experts have 1.5 times the tokens. No barrier ends the step, so that every GPU has
/// an end of its own to compare. 206,336 and 210,432 operations, 3 and 5 s on one core, nearly all of it
/// SimGrid's.
TEST_P(EveryGpu, EnginesAgreeOnOneColumn) {
  const auto [kind, ranks, members] = GetParam();
  const PipelineStep step({kind, ranks, 20}, 1, true);
  OpGraph graph = step.graph();
  for (OperationCost& cost : graph.costs) {
    if (cost.sync == SyncScope::all) cost.sync = SyncScope::none;
  }
  EngineInput input = step.input(members, 1, 0);
  input.graph = &graph;
  for (std::size_t i = 0; i < input.gpus.size(); ++i) {
    input.gpus[i].compute_slowdown = 0.95 + 0.1 * uniform_at(1, stream_of("speed"), i);
  }
  const auto num_members = static_cast<std::size_t>(members);
  GpuState& slow = input.gpus[5 * num_members + 17];
  slow.nic_out_Bps *= 0.6;
  slow.nic_in_Bps *= 0.6;
  for (std::size_t m = 0; m < num_members; ++m) input.gpus[3 * num_members + m].expert_load = 1.5;
  expect_agreement(input, 1e-9);
  NullSink sink;
  const std::vector<double> ends_s = make_replay_engine()->run(input, sink).gpu_end_s;
  EXPECT_EQ(std::set<double>(ends_s.begin(), ends_s.end()).size(), ends_s.size());
}

/// DualPipe needs two micro-batches a rank, so 20 are for 10 ranks at most.
INSTANTIATE_TEST_SUITE_P(Columns, EveryGpu,
                         ::testing::Values(Column{ScheduleKind::one_f_one_b, 16, 64},
                                           Column{ScheduleKind::dualpipe, 8, 128}),
                         [](const auto& info) {
                           const bool dualpipe = info.param.kind == ScheduleKind::dualpipe;
                           return std::string(dualpipe ? "DualPipe" : "OneForwardOneBackward");
                         });

}  // namespace
}  // namespace moesim::test
