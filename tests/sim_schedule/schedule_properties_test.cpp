#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "tests/sim_schedule/unit_pipeline.hpp"

namespace moesim {
namespace {

using testing::critical_path;
using testing::longest_path;
using testing::unit_blocks;
using testing::UnitRun;
using testing::UnitTimes;

class EverySchedule : public ::testing::TestWithParam<std::tuple<ScheduleKind, int, int>> {
 protected:
  [[nodiscard]] ScheduleShape shape() const {
    const auto [kind, num_ranks, rounds] = GetParam();
    return {.kind = kind, .num_ranks = num_ranks, .num_microbatches = 2 * num_ranks + 2 * rounds};
  }
};

TEST_P(EverySchedule, RunsEveryMicrobatchOnceThroughEveryStage) {
  const auto num_microbatches = static_cast<std::size_t>(shape().num_microbatches);
  for (int rank = 0; rank < shape().num_ranks; ++rank) {
    std::vector<int> forwards(num_microbatches), inputs(num_microbatches), weights(num_microbatches);
    for (const PassStep& step : pass_sequence(shape(), rank)) {
      if (step.chunk_f >= 0) {
        ++forwards[static_cast<std::size_t>(step.microbatch_f)];
        EXPECT_EQ(step.chunk_f, chunk_of(shape(), step.microbatch_f));
      }
      if (step.chunk_b < 0) continue;
      EXPECT_EQ(step.chunk_b, chunk_of(shape(), step.microbatch_b));
      const auto microbatch = static_cast<std::size_t>(step.microbatch_b);
      if (step.kind != PassKind::weight) ++inputs[microbatch];
      if (!step.defers_weight) ++weights[microbatch];
      EXPECT_EQ(forwards[microbatch], 1) << "a backward comes after its forward";
      EXPECT_EQ(inputs[microbatch], 1) << "weights come after the inputs";
    }
    const std::vector<int> once(num_microbatches, 1);
    EXPECT_EQ(forwards, once);
    EXPECT_EQ(inputs, once);
    EXPECT_EQ(weights, once);
  }
}

TEST_P(EverySchedule, HoldsAtMostTheStatedActivations) {
  const int num_ranks = shape().num_ranks;
  for (int rank = 0; rank < num_ranks; ++rank) {
    const int peak = peak_inflight(shape().kind, rank, num_ranks, shape().num_microbatches);
    if (shape().kind == ScheduleKind::dualpipe) {
      EXPECT_LE(peak, num_ranks + 1);
    } else {
      EXPECT_EQ(peak, num_ranks - rank);
    }
  }
}

TEST_P(EverySchedule, GivesASoundGraph) {
  const OpGraph graph = build_op_graph(shape(), unit_blocks(shape().num_ranks, {}));
  EXPECT_EQ(find_defect(graph), "");
}

TEST_P(EverySchedule, LastsAtLeastAsLongAsItsCriticalPathAndItsBusiestRank) {
  for (const UnitTimes times :
       {UnitTimes{1, 1, 1, 3}, UnitTimes{1, 1.4, 0.6, 2.2}, UnitTimes{0.3, 2, 1, 3}}) {
    const OpGraph graph = build_op_graph(shape(), unit_blocks(shape().num_ranks, times));
    const UnitRun run = longest_path(graph);
    EXPECT_GE(run.makespan_s, critical_path(graph).makespan_s);
    EXPECT_GE(run.makespan_s, *std::max_element(run.busy_s.begin(), run.busy_s.end()));
  }
}

TEST_P(EverySchedule, SendsEveryActivationAndGradientToTheNeighbouringStage) {
  const OpGraph graph = build_op_graph(shape(), unit_blocks(shape().num_ranks, {}));
  const int num_sends = shape().num_microbatches * (shape().num_ranks - 1);
  int activations = 0;
  int gradients = 0;
  for (std::size_t rank = 0; rank < graph.num_ranks(); ++rank) {
    for (const Operation& op : graph.programs[rank]) {
      if (op.peer_rank < 0) continue;
      const int direction = chunk_of(shape(), op.microbatch) == 0 ? 1 : -1;
      const int step = op.lane == Lane::send_forward ? direction : -direction;
      EXPECT_EQ(op.peer_rank, static_cast<int>(rank) + step);
      ++(op.lane == Lane::send_forward ? activations : gradients);
    }
  }
  EXPECT_EQ(activations, num_sends);
  EXPECT_EQ(gradients, num_sends);
}

INSTANTIATE_TEST_SUITE_P(
    Grid, EverySchedule,
    ::testing::Combine(::testing::Values(ScheduleKind::one_f_one_b, ScheduleKind::dualpipe),
                       ::testing::Values(2, 4, 6, 8, 16), ::testing::Values(0, 1, 5, 44)));

// A DualPipe column looks the same from both ends, so a rank and its mirror image end at the same time.
TEST(DualPipeProperties, MirroredRanksEndTogether) {
  for (const int num_ranks : {2, 4, 8, 16}) {
    const ScheduleShape shape{ScheduleKind::dualpipe, num_ranks, 2 * num_ranks + 8};
    const UnitRun run = longest_path(build_op_graph(shape, unit_blocks(num_ranks, {1, 1.25, 0.75, 2.5})));
    for (std::size_t rank = 0; rank < run.end_s.size(); ++rank) {
      const std::size_t mirrored = run.end_s.size() - 1 - rank;
      EXPECT_DOUBLE_EQ(run.busy_s[rank], run.busy_s[mirrored]);
      EXPECT_DOUBLE_EQ(run.end_s[rank].back(), run.end_s[mirrored].back());
    }
  }
}

}  // namespace
}  // namespace moesim
