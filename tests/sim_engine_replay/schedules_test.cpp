// Every schedule through the replay engine: formulas without communication, bounds with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sim/engine/replay/replay_engine.hpp"
#include "sim/schedule/schedule_table.hpp"
#include "tests/sim_engine_replay/pipeline_step.hpp"
#include "tests/sim_schedule/unit_pipeline.hpp"

namespace moesim::test {
namespace {

class ReplayedSchedule : public ::testing::TestWithParam<ScheduleShape> {};

EngineResult replay(const EngineInput& input) {
  NullSink sink;
  return make_replay_engine()->run(input, sink);
}

/// F = B of inputs = W and pairs as long as their halves, with which every formula holds. 1 s is 2^0, so that
/// sums are exact.
TEST_P(ReplayedSchedule, TakesItsWorkAndTheBubbleOfTheFormula) {
  const testing::UnitTimes times{1, 1, 1, 3};
  const OpGraph graph = build_op_graph(GetParam(), testing::unit_blocks(GetParam(), times));
  EngineInput input;
  input.graph = &graph;
  input.gpus.assign(graph.num_ranks(), {});
  const double bubble_s = row_of(GetParam().kind).bubble_s(GetParam(), times.pass_times()).value();
  const double work_s =
      3.0 * num_chunks(GetParam()) * GetParam().num_microbatches / num_copies(GetParam().kind);
  EXPECT_EQ(replay(input).makespan_s, work_s + bubble_s);
}

/// Computation, dispatch, combine, sends and the end of the step share NICs and SMs. No deadlock, and at
/// least as long as the busiest rank and the longest chain of dependencies.
TEST_P(ReplayedSchedule, LastsAtLeastAsLongAsItsBusiestRankAndItsCriticalPath) {
  const PipelineStep step(GetParam(), 2);
  EXPECT_EQ(find_defect(step.graph()), "");
  const EngineResult result = replay(step.input(2, 1, 0));
  OpGraph computation = step.graph();
  EXPECT_GE(result.makespan_s, testing::critical_path(computation).makespan_s);
  for (std::size_t rank = 0; rank < step.graph().num_ranks(); ++rank) {
    double work_s = 0;
    double nic_s = 0;
    for (const Operation& op : step.graph().programs[rank]) {
      work_s += step.graph().cost_of(op).work_s;
      nic_s += step.graph().cost_of(op).nic_B / 42e9;
    }
    EXPECT_GE(result.makespan_s, work_s);
    EXPECT_GE(result.makespan_s * (1 + 1e-9), nic_s);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ReplayedSchedule,
    ::testing::Values(
        ScheduleShape{ScheduleKind::one_f_one_b, 4, 16}, ScheduleShape{ScheduleKind::gpipe, 4, 16},
        ScheduleShape{ScheduleKind::interleaved_1f1b, 4, 16, 2},
        ScheduleShape{ScheduleKind::interleaved_1f1b, 8, 8, 4},
        ScheduleShape{ScheduleKind::one_f_one_b_overlap, 1, 8},
        ScheduleShape{ScheduleKind::one_f_one_b_overlap, 4, 13},
        ScheduleShape{ScheduleKind::one_f_one_b_overlap, 4, 16, 3}, ScheduleShape{ScheduleKind::zb1p, 4, 16},
        ScheduleShape{ScheduleKind::zb1p, 8, 8}, ScheduleShape{ScheduleKind::zbv, 4, 16},
        ScheduleShape{ScheduleKind::zbv, 8, 15}, ScheduleShape{ScheduleKind::dualpipe, 4, 16},
        ScheduleShape{ScheduleKind::dualpipe, 8, 20}, ScheduleShape{ScheduleKind::dualpipev, 4, 16},
        ScheduleShape{ScheduleKind::dualpipev, 1, 3}),
    [](const auto& info) {
      return std::string(row_of(info.param.kind).name) + "_" + std::to_string(info.index);
    });

}  // namespace
}  // namespace moesim::test
