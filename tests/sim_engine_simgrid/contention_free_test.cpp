#include <gtest/gtest.h>

#include "sim/schedule/build_op_graph.hpp"
#include "sim/schedule/schedule_table.hpp"
#include "tests/sim_engine_replay/pipeline_step.hpp"
#include "tests/sim_engine_simgrid/engines_agree.hpp"

namespace moesim::test {
namespace {

struct Shape {
  ScheduleKind kind;
  int ranks, microbatches, layers;
  int vpp = 1;
};

/// The same step with nothing shared: sends are latencies, gradients too, and no operation holds SMs. What is
/// left on the NIC and NVLink is one lane's.
OpGraph without_sharing(OpGraph graph) {
  constexpr double kNic_Bps = 42e9;
  for (OperationCost& cost : graph.costs) {
    cost.holds_sms = false;
    const bool exchanges = cost.nvlink_B > 0;
    if (exchanges) continue;
    cost.delay_s += cost.nic_B / kNic_Bps;
    cost.nic_B = 0;
  }
  return graph;
}

class ContentionFree : public ::testing::TestWithParam<Shape> {};

TEST_P(ContentionFree, EnginesAgreeTo1e9) {
  const Shape& shape = GetParam();
  const PipelineStep step({shape.kind, shape.ranks, shape.microbatches, shape.vpp}, shape.layers, true);
  const OpGraph graph = without_sharing(step.graph());
  EngineInput input = step.input(2, 1, 0.05);
  input.graph = &graph;
  expect_agreement(input, 1e-9);
}

std::vector<Shape> grid() {
  std::vector<Shape> shapes;
  for (const ScheduleKind kind : {ScheduleKind::one_f_one_b, ScheduleKind::dualpipe}) {
    for (const int ranks : {2, 4, 8, 16}) {
      for (const int per_rank : {2, 3}) {
        for (const int layers : {1, 2, 4}) shapes.push_back({kind, ranks, per_rank * ranks, layers});
      }
    }
  }
  for (const ScheduleRow& row : kSchedules) {
    const int vpp = takes_vpp(row.kind) ? 2 : 1;
    for (const int ranks : {2, 4}) shapes.push_back({row.kind, ranks, 3 * ranks, 1, vpp});
  }
  return shapes;
}
INSTANTIATE_TEST_SUITE_P(Grid, ContentionFree, ::testing::ValuesIn(grid()));

/// 1F1B without communication: the last rank starts its first forward after (p - 1) forwards, then runs m
/// forwards and backwards without a gap, and p - 1 backwards follow: (m + p - 1) (f + b).
TEST(ContentionFreeFormula, OneForwardOneBackward) {
  constexpr int kRanks = 4;
  constexpr int kMicrobatches = 10;
  PassBlocks blocks;
  blocks.costs.resize(3);
  blocks.costs[0] = {.phase = Phase::mlp_forward, .work_s = 1};
  blocks.costs[1] = {.phase = Phase::mlp_backward, .work_s = 2};
  blocks.costs[2] = {.phase = Phase::send_activation};
  StageBlocks stage;
  stage.forward = {.operations = {{.cost = 0, .needs_activation = true}}, .output_activation = 0};
  stage.backward = {.operations = {{.cost = 1, .needs_gradient = true}}, .output_gradient = 0};
  stage.send_activation = stage.send_gradient = 2;
  blocks.stages.assign(kRanks, stage);
  blocks.step_end.resize(kRanks);
  const OpGraph graph = build_op_graph({ScheduleKind::one_f_one_b, kRanks, kMicrobatches}, blocks);
  EngineInput input;
  input.graph = &graph;
  input.gpus.assign(kRanks, {});
  NullSink sink;
  EXPECT_DOUBLE_EQ(make_simgrid_engine()->run(input, sink).makespan_s, (10 + 4 - 1) * (1.0 + 2.0));
}

}  // namespace
}  // namespace moesim::test
