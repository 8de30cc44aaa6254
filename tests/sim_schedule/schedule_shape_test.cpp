#include "sim/schedule/schedule_shape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moesim {
namespace {

using ::testing::HasSubstr;

constexpr ScheduleShape kDualPipe{.kind = ScheduleKind::dualpipe, .num_ranks = 4, .num_microbatches = 8};

TEST(ScheduleShape, NamesAreThoseOfTheSpec) {
  EXPECT_EQ(to_string(ScheduleKind::one_f_one_b), "1f1b");
  EXPECT_EQ(to_string(ScheduleKind::dualpipe), "dualpipe");
}

TEST(ScheduleShape, DualPipeRankHoldsAStageOfEachDirection) {
  EXPECT_EQ(num_chunks(ScheduleKind::dualpipe), 2);
  EXPECT_EQ(stage_of(kDualPipe, 1, 0), 1);
  EXPECT_EQ(stage_of(kDualPipe, 1, 1), 2);
  EXPECT_EQ(rank_of(kDualPipe, 3, 0), 3);
  EXPECT_EQ(rank_of(kDualPipe, 3, 1), 0);
}

TEST(ScheduleShape, HalfOfTheMicrobatchesGoEachWay) {
  EXPECT_EQ(microbatches_per_chunk(kDualPipe), 4);
  EXPECT_EQ(chunk_of(kDualPipe, 3), 0);
  EXPECT_EQ(chunk_of(kDualPipe, 4), 1);
}

TEST(ScheduleShape, AllowedPipelinesHaveNoViolation) {
  EXPECT_FALSE(violation(ScheduleKind::one_f_one_b, 16, 1));
  EXPECT_FALSE(violation(ScheduleKind::one_f_one_b, 1, 1));
  EXPECT_FALSE(violation(ScheduleKind::dualpipe, 16, 32));
  EXPECT_FALSE(violation(ScheduleKind::dualpipe, 2, 4));
}

TEST(ScheduleShape, ViolationsNameWhatIsNeededAndWhatWasGiven) {
  EXPECT_THAT(violation(ScheduleKind::dualpipe, 16, 30).value(), HasSubstr("32 for 16 ranks, got 30"));
  EXPECT_THAT(violation(ScheduleKind::dualpipe, 16, 121).value(), HasSubstr("even number of micro-batches"));
  EXPECT_THAT(violation(ScheduleKind::dualpipe, 15, 120).value(), HasSubstr("even number of pipeline ranks"));
  EXPECT_THAT(violation(ScheduleKind::one_f_one_b, 4, 0).value(), HasSubstr("got 0"));
  EXPECT_THAT(violation(ScheduleKind::one_f_one_b, 0, 4).value(), HasSubstr("got 0"));
  EXPECT_THAT(violation(ScheduleKind::one_f_one_b, 4, 65536).value(), HasSubstr("got 65536"));
}

}  // namespace
}  // namespace moesim
