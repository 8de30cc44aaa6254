#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/sim_schedule/unit_pipeline.hpp"

namespace moesim {
namespace {

using testing::longest_path;
using testing::unit_blocks;
using testing::UnitRun;
using testing::UnitTimes;

double idle_s(const UnitRun& run, int rank) {
  return run.makespan_s - run.busy_s[static_cast<std::size_t>(rank)];
}

UnitRun run_of(const ScheduleShape& shape, const UnitTimes& times) {
  return longest_path(build_op_graph(shape, unit_blocks(shape, times)));
}

struct Case {
  ScheduleKind kind;
  int vpp;
  UnitTimes times;
};

/// Shapes of every size that the schedule allows.
std::vector<ScheduleShape> shapes_of(const Case& of) {
  std::vector<ScheduleShape> shapes;
  for (const int num_ranks : {1, 2, 3, 4, 8, 16}) {
    for (const int num_microbatches :
         {1, 3, num_ranks, 2 * num_ranks, 2 * num_ranks + 6, 5 * num_ranks, 48}) {
      const ScheduleShape shape{of.kind, num_ranks, num_microbatches, of.vpp};
      if (!violation(shape)) shapes.push_back(shape);
    }
  }
  return shapes;
}

/// Schedules and times with which the formula is every rank's idle time.
class IdlesTheSame : public ::testing::TestWithParam<Case> {};

// The formulas derive from the ramps alone: what lies between them interlocks without a gap. DualPipe's and
// ZB-V's hold for a forward as long as a backward of inputs, and a pair as long as its halves.
TEST_P(IdlesTheSame, OnEveryRankAsTheFormulaSays) {
  int num_formulas = 0;
  for (const ScheduleShape& shape : shapes_of(GetParam())) {
    const auto bubble_s = row_of(shape.kind).bubble_s(shape, GetParam().times.pass_times());
    if (!bubble_s) continue;
    ++num_formulas;
    const UnitRun run = run_of(shape, GetParam().times);
    for (int rank = 0; rank < shape.num_ranks; ++rank) {
      EXPECT_NEAR(idle_s(run, rank), *bubble_s, 1e-9)
          << shape.num_ranks << " ranks, " << shape.num_microbatches << " micro-batches, rank " << rank;
    }
  }
  EXPECT_GE(num_formulas, 10);
}

INSTANTIATE_TEST_SUITE_P(
    Schedules, IdlesTheSame,
    ::testing::Values(
        Case{ScheduleKind::one_f_one_b, 1, {2, 3, 1.5, 0}}, Case{ScheduleKind::gpipe, 1, {2, 3, 1.5, 0}},
        Case{ScheduleKind::interleaved_1f1b, 2, {2, 3, 1.5, 0}},
        Case{ScheduleKind::interleaved_1f1b, 4, {1, 1, 1, 0}},
        Case{ScheduleKind::interleaved_1f1b, 7, {1.5, 2, 1, 0}},
        Case{ScheduleKind::one_f_one_b_overlap, 1, {2, 3, 1.5, 6.5}},
        Case{ScheduleKind::one_f_one_b_overlap, 2, {2, 3, 1.5, 6.5}},
        Case{ScheduleKind::one_f_one_b_overlap, 4, {1, 1, 1, 3}}, Case{ScheduleKind::zb1p, 1, {1, 1, 1, 0}},
        Case{ScheduleKind::zb1p, 1, {1.5, 2, 1, 0}}, Case{ScheduleKind::zbv, 1, {1, 1, 1, 0}},
        Case{ScheduleKind::zbv, 1, {2.5, 2.5, 2.5, 0}}, Case{ScheduleKind::dualpipe, 1, {1, 1, 1, 3}},
        Case{ScheduleKind::dualpipe, 1, {2, 2, 1, 5}}, Case{ScheduleKind::dualpipev, 1, {1, 1, 1, 3}},
        Case{ScheduleKind::dualpipev, 1, {2, 2, 1, 5}}),
    [](const auto& info) {
      return std::string(row_of(info.param.kind).name) + "_" + std::to_string(info.index);
    });

// (PP-1)(F+B) and its relatives by hand, PP 4: the table's formulas are not checked against themselves.
TEST(Bubble, FormulasByHand) {
  const PassTimes times{.forward = 2, .backward = 5, .weight = 2.5, .forward_backward = 7};
  const auto bubble_s = [&](ScheduleKind kind, int vpp) {
    return row_of(kind).bubble_s({kind, 4, 8, vpp}, times).value_or(-1);
  };
  EXPECT_DOUBLE_EQ(bubble_s(ScheduleKind::one_f_one_b, 1), 3 * (2 + 5));
  EXPECT_DOUBLE_EQ(bubble_s(ScheduleKind::gpipe, 1), 3 * (2 + 5));
  EXPECT_DOUBLE_EQ(bubble_s(ScheduleKind::interleaved_1f1b, 2), 3 * (4 + 10) / 2.0);  // of 2 stages a rank
  EXPECT_EQ(bubble_s(ScheduleKind::zb1p, 1), -1);                                     // W is longer than F
  EXPECT_DOUBLE_EQ(row_of(ScheduleKind::zb1p)
                       .bubble_s({ScheduleKind::zb1p, 4, 8, 1}, {.forward = 3, .backward = 5, .weight = 2})
                       .value(),
                   3 * (3 + 5 - 2 * 2));
  EXPECT_EQ(bubble_s(ScheduleKind::zbv, 1), -1);  // passes are not alike
  EXPECT_EQ(bubble_s(ScheduleKind::dualpipe, 1), -1);
  const PassTimes alike{.forward = 1, .backward = 2, .weight = 1, .forward_backward = 3};
  EXPECT_EQ(row_of(ScheduleKind::zbv).bubble_s({ScheduleKind::zbv, 4, 8, 1}, alike), 3 * 1);
  EXPECT_EQ(row_of(ScheduleKind::dualpipe).bubble_s({ScheduleKind::dualpipe, 4, 8, 1}, alike), (2 - 1) * 2);
  EXPECT_EQ(row_of(ScheduleKind::dualpipev).bubble_s({ScheduleKind::dualpipev, 4, 8, 1}, alike), (4 - 1) * 2);
}

double dualpipe_bubble_s(int num_ranks, const UnitTimes& times) {
  return (num_ranks / 2 - 1) * (times.forward_backward + times.backward() - 3 * times.weight);
}

// Pairs s shorter than their halves: the last rank runs (v-1) PP + 1 forwards alone, rank r 2 (PP-1-r) more,
// so it works s longer for each and idles as much less. The makespan is PP v (F + B) for the passes that the
// ramps leave alone, and pairs for the rest: m v - (v-1) PP - 1 of them.
TEST(Bubble, OverlapFormulaIsThatOfTheLastRankWhenPairsSaveTime) {
  const UnitTimes times{.forward = 1, .backward_input = 1, .weight = 1, .forward_backward = 2.5};
  for (const int vpp : {1, 2, 4}) {
    for (const int num_ranks : {2, 4, 8}) {
      const ScheduleShape shape{ScheduleKind::one_f_one_b_overlap, num_ranks, 6 * num_ranks, vpp};
      const UnitRun run = run_of(shape, times);
      const int pairs = shape.num_microbatches * vpp - (vpp - 1) * num_ranks - 1;
      EXPECT_DOUBLE_EQ(run.makespan_s, num_ranks * vpp * 3 + pairs * 2.5) << vpp << " " << num_ranks;
      for (int rank = 0; rank < num_ranks; ++rank) {
        EXPECT_DOUBLE_EQ(idle_s(run, rank), (num_ranks - 1) * 3 - 2 * (num_ranks - 1 - rank) * 0.5);
      }
    }
  }
}

// One rank: F, m - 1 pairs, B.
TEST(Bubble, OverlapOnOneRankPairsNeighbouringMicrobatches) {
  const UnitTimes times{.forward = 1, .backward_input = 1, .weight = 1, .forward_backward = 2.5};
  EXPECT_DOUBLE_EQ(run_of({ScheduleKind::one_f_one_b_overlap, 1, 8}, times).makespan_s, 1 + 7 * 2.5 + 2);
}

// A pair that is shorter than its halves by s: the formula is the idle time of the middle ranks and of their
// neighbours. Half-rank r runs PP/2-2-r pairs fewer than those do, so it works s longer for each and idles as
// much less: the published formula is the upper end, the first rank idles (PP/2-2) s less.
TEST(Bubble, DualPipeFormulaIsThatOfTheMiddleRanksWhenPairsSaveTime) {
  const UnitTimes times{.forward = 1, .backward_input = 1, .weight = 1, .forward_backward = 2.5};
  const UnitRun run = run_of({ScheduleKind::dualpipe, 16, 120}, times);
  for (int rank = 0; rank < 16; ++rank) {
    const int r = std::min(rank, 15 - rank);
    const double saved_s = 0.5 * std::max(0, 16 / 2 - 2 - r);
    EXPECT_DOUBLE_EQ(idle_s(run, rank), dualpipe_bubble_s(16, times) - saved_s) << rank;
  }
}

// DualPipeV on half of the ranks is DualPipe: rank r idles as half-rank r does, with as many micro-batches in
// its one direction.
TEST(Bubble, DualPipeVIsHalfOfDualPipe) {
  const UnitTimes times{.forward = 1, .backward_input = 1.25, .weight = 0.75, .forward_backward = 2.5};
  const UnitRun whole = run_of({ScheduleKind::dualpipe, 16, 80}, times);
  const UnitRun half = run_of({ScheduleKind::dualpipev, 8, 40}, times);
  EXPECT_DOUBLE_EQ(half.makespan_s, whole.makespan_s);
  for (int rank = 0; rank < 8; ++rank) EXPECT_DOUBLE_EQ(idle_s(half, rank), idle_s(whole, rank)) << rank;
}

// The same model on 8 ranks, m = 32, with F = B of inputs = W = 1 for a rank's share of it and pairs as long
// as their halves: (PP-1)(F+B) 21 s, half of it with two chunks, (PP-1)(F+B-2W) 7, ZB-V (PP-1) F/2 3.5.
TEST(Bubble, SchedulesIdleInTheOrderThatTheirPapersClaim) {
  const UnitTimes rank{1, 1, 1, 3};
  const UnitTimes half{0.5, 0.5, 0.5, 1.5};
  const auto idle_of_first_rank = [&](ScheduleKind kind, const UnitTimes& times, int vpp = 1) {
    return idle_s(run_of({kind, 8, 32, vpp}, times), 0);
  };
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::gpipe, rank), 21);
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::one_f_one_b, rank), 21);
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::interleaved_1f1b, half, 2), 10.5);
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::zb1p, rank), 7);
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::dualpipev, half), 7);
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::dualpipe, rank), 6);
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::zbv, half), 3.5);
}

}  // namespace
}  // namespace moesim
