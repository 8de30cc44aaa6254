#include "calib/profile/gqa_curves.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

TimeEstimate timed(double seconds) {
  return {seconds, Provenance::measured, "table", seconds, seconds};
}

/// One head leaves most of the GPU idle: a quarter of the rate of sixteen.
GqaCurves curves() {
  GqaCurves both;
  const GqaShape sixteen{16, 1, 128, 8192, 1}, one{1, 1, 128, 8192, 1};
  both.add(sixteen, timed(sixteen.flops() / 600e12));
  both.add(one, timed(one.flops() / 150e12));
  return both;
}

TEST(GqaCurves, AnotherBatchTakesTheRateOfTheNearestFill) {
  const GqaShape shape{16, 1, 128, 8192, 4};
  EXPECT_NEAR(curves().estimate(shape).seconds, shape.flops() / 600e12, 1e-12);
}

// A 16th of a sequence, as a GPU has under context parallelism, has the query blocks of a sequence of its own
// length for each head: sixteen heads, not one.
TEST(GqaCurves, APartOfASequenceFillsTheGpuLikeAWholeOne) {
  const GqaShape part{16, 1, 128, 131072, 1.0 / 16};
  EXPECT_NEAR(curves().estimate(part).seconds, part.flops() / 600e12, 1e-12);
}

}  // namespace
}  // namespace moesim
