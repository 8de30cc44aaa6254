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

struct Kind {
  ScheduleKind kind;
  int vpp;
};

class EverySchedule : public ::testing::TestWithParam<std::tuple<Kind, int, int>> {
 protected:
  [[nodiscard]] ScheduleShape shape() const {
    const auto [of, num_ranks, rounds] = GetParam();
    const int num_microbatches = of.vpp > 1 ? num_ranks * (2 + rounds) : 2 * num_ranks + 2 * rounds;
    return {of.kind, num_ranks, num_microbatches, of.vpp};
  }
};

/// What a stage has done for each micro-batch.
struct StageCounts {
  std::vector<int> forwards, inputs, weights;
};

TEST_P(EverySchedule, RunsEveryMicrobatchOnceThroughEveryStage) {
  ASSERT_FALSE(violation(shape()));
  const auto num_microbatches = static_cast<std::size_t>(shape().num_microbatches);
  const std::vector<int> none(num_microbatches);
  std::vector<StageCounts> counts(static_cast<std::size_t>(num_stages(shape())), {none, none, none});
  for (int rank = 0; rank < shape().num_ranks; ++rank) {
    for (const PassStep& step : pass_sequence(shape(), rank)) {
      if (step.chunk_f >= 0) {
        const int stage = stage_of(shape(), rank, step.chunk_f);
        EXPECT_EQ(rank_of(shape(), stage, step.microbatch_f), rank);
        EXPECT_EQ(chunk_of(shape(), stage, step.microbatch_f), step.chunk_f);
        ++counts[static_cast<std::size_t>(stage)].forwards[static_cast<std::size_t>(step.microbatch_f)];
      }
      if (step.chunk_b < 0) continue;
      const int stage = stage_of(shape(), rank, step.chunk_b);
      EXPECT_EQ(rank_of(shape(), stage, step.microbatch_b), rank);
      EXPECT_EQ(chunk_of(shape(), stage, step.microbatch_b), step.chunk_b);
      StageCounts& of = counts[static_cast<std::size_t>(stage)];
      const auto microbatch = static_cast<std::size_t>(step.microbatch_b);
      if (step.kind != PassKind::weight) ++of.inputs[microbatch];
      if (!step.defers_weight) ++of.weights[microbatch];
      EXPECT_EQ(of.forwards[microbatch], 1) << "a backward comes after its forward";
      EXPECT_EQ(of.inputs[microbatch], 1) << "weights come after the inputs";
    }
  }
  const std::vector<int> once(num_microbatches, 1);
  for (const StageCounts& of : counts) {
    EXPECT_EQ(of.forwards, once);
    EXPECT_EQ(of.inputs, once);
    EXPECT_EQ(of.weights, once);
  }
}

TEST_P(EverySchedule, KeepsTheActivationsOfItsFormula) {
  const ScheduleRow& row = row_of(shape().kind);
  for (int rank = 0; rank < shape().num_ranks; ++rank) {
    if (row.kind == ScheduleKind::dualpipe || row.kind == ScheduleKind::dualpipev) {
      EXPECT_LE(peak_inflight(shape(), rank), row.activations(shape(), rank));
    } else {
      EXPECT_EQ(peak_kept(shape(), rank), row.activations(shape(), rank)) << rank;
    }
  }
}

TEST_P(EverySchedule, GivesASoundGraph) {
  EXPECT_EQ(find_defect(build_op_graph(shape(), unit_blocks(shape(), {}))), "");
}

TEST_P(EverySchedule, LastsAtLeastAsLongAsItsCriticalPathAndItsBusiestRank) {
  for (const UnitTimes times :
       {UnitTimes{1, 1, 1, 3}, UnitTimes{1, 1.4, 0.6, 2.2}, UnitTimes{0.3, 2, 1, 3}}) {
    const OpGraph graph = build_op_graph(shape(), unit_blocks(shape(), times));
    const UnitRun run = longest_path(graph);
    EXPECT_GE(run.makespan_s, critical_path(graph).makespan_s);
    EXPECT_GE(run.makespan_s, *std::max_element(run.busy_s.begin(), run.busy_s.end()));
  }
}

TEST_P(EverySchedule, SendsEveryActivationAndGradientToTheNeighbouringStage) {
  const OpGraph graph = build_op_graph(shape(), unit_blocks(shape(), {}));
  int expected = 0;
  for (int stage = 0; stage + 1 < num_stages(shape()); ++stage) {
    for (int microbatch = 0; microbatch < shape().num_microbatches; ++microbatch) {
      if (rank_of(shape(), stage, microbatch) != rank_of(shape(), stage + 1, microbatch)) ++expected;
    }
  }
  int activations = 0;
  int gradients = 0;
  for (const auto& program : graph.programs) {
    for (const Operation& op : program) {
      if (op.peer_rank < 0) continue;
      ++(op.lane == Lane::send_forward ? activations : gradients);
    }
  }
  EXPECT_EQ(activations, expected);
  EXPECT_EQ(gradients, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Grid, EverySchedule,
    ::testing::Combine(::testing::Values(Kind{ScheduleKind::one_f_one_b, 1}, Kind{ScheduleKind::gpipe, 1},
                                         Kind{ScheduleKind::interleaved_1f1b, 2},
                                         Kind{ScheduleKind::interleaved_1f1b, 5},
                                         Kind{ScheduleKind::one_f_one_b_overlap, 1},
                                         Kind{ScheduleKind::one_f_one_b_overlap, 3},
                                         Kind{ScheduleKind::zb1p, 1}, Kind{ScheduleKind::zbv, 1},
                                         Kind{ScheduleKind::dualpipe, 1}, Kind{ScheduleKind::dualpipev, 1}),
                       ::testing::Values(2, 4, 6, 8, 16), ::testing::Values(0, 1, 5, 44)));

/// Micro-batches of one step more: what a rank keeps stays as it is, but for GPipe, which keeps them all.
TEST(ScheduleProperties, MoreMicrobatchesNeedNoMoreMemoryButUnderGPipe) {
  for (const ScheduleRow& row : kSchedules) {
    const int vpp = row.kind == ScheduleKind::interleaved_1f1b ? 2 : 1;
    for (int rank = 0; rank < 4; ++rank) {
      const int few = peak_kept({row.kind, 4, 32, vpp}, rank);
      const int many = peak_kept({row.kind, 4, 96, vpp}, rank);
      EXPECT_EQ(many, row.kind == ScheduleKind::gpipe ? 96 : few) << row.name;
    }
  }
}

// A DualPipe column looks the same from both ends, so a rank and its mirror image end at the same time.
TEST(DualPipeProperties, MirroredRanksEndTogether) {
  for (const int num_ranks : {2, 4, 8, 16}) {
    const ScheduleShape shape{ScheduleKind::dualpipe, num_ranks, 2 * num_ranks + 8};
    const UnitRun run = longest_path(build_op_graph(shape, unit_blocks(shape, {1, 1.25, 0.75, 2.5})));
    for (std::size_t rank = 0; rank < run.end_s.size(); ++rank) {
      const std::size_t mirrored = run.end_s.size() - 1 - rank;
      EXPECT_DOUBLE_EQ(run.busy_s[rank], run.busy_s[mirrored]);
      EXPECT_DOUBLE_EQ(run.end_s[rank].back(), run.end_s[mirrored].back());
    }
  }
}

}  // namespace
}  // namespace moesim
