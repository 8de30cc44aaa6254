#include "sim/schedule/schedule_shape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/schedule/schedule_table.hpp"

namespace moesim {
namespace {

using ::testing::HasSubstr;

constexpr ScheduleShape kDualPipe{.kind = ScheduleKind::dualpipe, .num_ranks = 4, .num_microbatches = 8};

TEST(ScheduleShape, NamesAreThoseOfTheSpec) {
  EXPECT_EQ(to_string(ScheduleKind::one_f_one_b), "1f1b");
  EXPECT_EQ(to_string(ScheduleKind::dualpipe), "dualpipe");
}

TEST(ScheduleShape, EveryKindHasItsRow) {
  for (std::size_t i = 0; i < kSchedules.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kSchedules[i].kind), i);
    EXPECT_EQ(&row_of(kSchedules[i].kind), &kSchedules[i]);
  }
}

TEST(ScheduleShape, DualPipeRankHoldsAStageOfEachDirection) {
  EXPECT_EQ(num_chunks(kDualPipe), 2);
  EXPECT_EQ(num_stages(kDualPipe), 4);
  EXPECT_EQ(num_copies(ScheduleKind::dualpipe), 2);
  EXPECT_EQ(stage_of(kDualPipe, 1, 0), 1);
  EXPECT_EQ(stage_of(kDualPipe, 1, 1), 2);
  EXPECT_EQ(rank_of(kDualPipe, 3, 0), 3);
  EXPECT_EQ(rank_of(kDualPipe, 3, 4), 0);
}

TEST(ScheduleShape, HalfOfTheMicrobatchesGoEachWay) {
  EXPECT_EQ(microbatches_per_chunk(kDualPipe), 4);
  EXPECT_EQ(chunk_of(kDualPipe, 0, 3), 0);
  EXPECT_EQ(chunk_of(kDualPipe, 0, 4), 1);
}

// Stages 0 to 5 of three ranks: 0 1 2 0 1 2 in a loop, 0 1 2 2 1 0 in a V.
TEST(ScheduleShape, LoopAndVeePutTwiceAsManyStagesOnTheRanks) {
  const ScheduleShape loop{ScheduleKind::interleaved_1f1b, 3, 6, 2};
  const ScheduleShape vee{ScheduleKind::zbv, 3, 6};
  for (const ScheduleShape& shape : {loop, vee}) {
    EXPECT_EQ(num_stages(shape), 6);
    EXPECT_EQ(num_copies(shape.kind), 1);
    EXPECT_EQ(microbatches_per_chunk(shape), 6);
    for (int stage = 0; stage < 6; ++stage) {
      EXPECT_EQ(stage_of(shape, rank_of(shape, stage, 0), chunk_of(shape, stage, 0)), stage);
    }
  }
  EXPECT_EQ(stage_of(loop, 1, 1), 4);
  EXPECT_EQ(stage_of(vee, 1, 1), 4);
  EXPECT_EQ(stage_of(loop, 0, 1), 3);
  EXPECT_EQ(stage_of(vee, 0, 1), 5);
}

TEST(ScheduleShape, AllowedPipelinesHaveNoViolation) {
  EXPECT_FALSE(violation({ScheduleKind::one_f_one_b, 16, 1}));
  EXPECT_FALSE(violation({ScheduleKind::one_f_one_b, 1, 1}));
  EXPECT_FALSE(violation({ScheduleKind::dualpipe, 16, 32}));
  EXPECT_FALSE(violation({ScheduleKind::dualpipe, 2, 4}));
  EXPECT_FALSE(violation({ScheduleKind::dualpipev, 1, 3}));
  EXPECT_FALSE(violation({ScheduleKind::interleaved_1f1b, 4, 8, 3}));
  EXPECT_FALSE(violation({ScheduleKind::one_f_one_b_overlap, 1, 1}));
  EXPECT_FALSE(violation({ScheduleKind::one_f_one_b_overlap, 4, 7}));
  EXPECT_FALSE(violation({ScheduleKind::zbv, 4, 1, 2}));
}

TEST(ScheduleShape, ViolationsNameWhatIsNeededAndWhatWasGiven) {
  EXPECT_THAT(violation({ScheduleKind::dualpipe, 16, 30}).value(), HasSubstr("32 for 16 ranks, got 30"));
  EXPECT_THAT(violation({ScheduleKind::dualpipe, 16, 121}).value(),
              HasSubstr("even number of micro-batches"));
  EXPECT_THAT(violation({ScheduleKind::dualpipe, 15, 120}).value(),
              HasSubstr("even number of pipeline ranks"));
  EXPECT_THAT(violation({ScheduleKind::one_f_one_b, 4, 0}).value(), HasSubstr("got 0"));
  EXPECT_THAT(violation({ScheduleKind::one_f_one_b, 0, 4}).value(), HasSubstr("got 0"));
  EXPECT_THAT(violation({ScheduleKind::one_f_one_b, 4, 65536}).value(), HasSubstr("got 65536"));
  EXPECT_THAT(violation({ScheduleKind::dualpipev, 4, 7}).value(), HasSubstr("8 for 4 ranks, got 7"));
  EXPECT_THAT(violation({ScheduleKind::interleaved_1f1b, 4, 10, 2}).value(),
              HasSubstr("groups of the 4 pipeline ranks, got 10: 8 or 12"));
  EXPECT_THAT(violation({ScheduleKind::one_f_one_b_overlap, 4, 10, 2}).value(), HasSubstr("8 or 12"));
  EXPECT_THAT(violation({ScheduleKind::interleaved_1f1b, 1, 8, 2}).value(), HasSubstr("at least 2 pipeline"));
}

TEST(ScheduleShape, VirtualStagesAreForSchedulesThatInterleave) {
  for (const ScheduleRow& row : kSchedules) {
    const auto two = vpp_violation(row.kind, 2);
    const auto three = vpp_violation(row.kind, 3);
    EXPECT_EQ(two.has_value(), row.chunks == 1 || row.kind == ScheduleKind::dualpipe) << row.name;
    EXPECT_EQ(three.has_value(), !takes_vpp(row.kind)) << row.name;
    EXPECT_EQ(vpp_violation(row.kind, 1).has_value(), row.kind == ScheduleKind::interleaved_1f1b) << row.name;
  }
}

}  // namespace
}  // namespace moesim
