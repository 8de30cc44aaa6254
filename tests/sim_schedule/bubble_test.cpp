#include <gtest/gtest.h>

#include <algorithm>

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

// Each rank waits (PP-1-rank) forwards and backwards for the stages behind it and rank forwards and backwards
// for those before it: (PP-1)(F+B) on every rank, for any number of micro-batches.
TEST(Bubble, OneFOneBIdlesTheSameOnEveryRank) {
  const UnitTimes times{.forward = 2, .backward_input = 3, .weight = 1.5};
  for (const int num_ranks : {1, 2, 4, 8, 16}) {
    for (const int num_microbatches : {1, 3, 16, 40}) {
      const UnitRun run = longest_path(build_op_graph(
          {ScheduleKind::one_f_one_b, num_ranks, num_microbatches}, unit_blocks(num_ranks, times)));
      for (int rank = 0; rank < num_ranks; ++rank) {
        EXPECT_DOUBLE_EQ(idle_s(run, rank), (num_ranks - 1) * (2 + 4.5))
            << num_ranks << " " << num_microbatches;
      }
    }
  }
}

double dualpipe_bubble_s(int num_ranks, const UnitTimes& times) {
  return (num_ranks / 2 - 1) * (times.forward_backward + times.backward() - 3 * times.weight);
}

// (PP/2-1)(F&B + B - 3W), DeepSeek-V3 report, Table 2. With F as long as the backward of inputs and a pair as
// long as its two halves, the steps interlock without further gaps and the formula is every rank's idle time.
TEST(Bubble, DualPipeIdlesTheSameOnEveryRankWhenPairsSaveNothing) {
  for (const UnitTimes times : {UnitTimes{1, 1, 1, 3}, UnitTimes{2, 2, 1, 5}}) {
    for (const int num_ranks : {2, 4, 8, 16}) {
      for (const int num_microbatches : {2 * num_ranks, 2 * num_ranks + 6, 120}) {
        const UnitRun run = longest_path(build_op_graph({ScheduleKind::dualpipe, num_ranks, num_microbatches},
                                                        unit_blocks(num_ranks, times)));
        for (int rank = 0; rank < num_ranks; ++rank) {
          EXPECT_DOUBLE_EQ(idle_s(run, rank), dualpipe_bubble_s(num_ranks, times))
              << num_ranks << " rank " << rank;
        }
      }
    }
  }
}

// A pair that is shorter than its halves by s: the formula is the idle time of the middle ranks and of their
// neighbours. Half-rank r runs PP/2-2-r pairs fewer than those do, so it works s longer for each and idles as
// much less: the published formula is the upper end, the first rank idles (PP/2-2) s less.
TEST(Bubble, DualPipeFormulaIsThatOfTheMiddleRanksWhenPairsSaveTime) {
  const UnitTimes times{.forward = 1, .backward_input = 1, .weight = 1, .forward_backward = 2.5};
  const UnitRun run = longest_path(build_op_graph({ScheduleKind::dualpipe, 16, 120}, unit_blocks(16, times)));
  for (int rank = 0; rank < 16; ++rank) {
    const int r = std::min(rank, 15 - rank);
    const double saved_s = 0.5 * std::max(0, 16 / 2 - 2 - r);
    EXPECT_DOUBLE_EQ(idle_s(run, rank), dualpipe_bubble_s(16, times) - saved_s) << rank;
  }
}

// DualPipe hides its bubble in other work: fewer idle seconds than 1F1B with the same pass times.
TEST(Bubble, DualPipeIdlesLessThanOneFOneB) {
  const UnitTimes times;
  const auto idle_of_first_rank = [&](ScheduleKind kind) {
    return idle_s(longest_path(build_op_graph({kind, 8, 20}, unit_blocks(8, times))), 0);
  };
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::one_f_one_b), 21);
  EXPECT_DOUBLE_EQ(idle_of_first_rank(ScheduleKind::dualpipe), 6);
}

}  // namespace
}  // namespace moesim
