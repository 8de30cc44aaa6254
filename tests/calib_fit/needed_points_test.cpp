// What of a curve is kept.
#include <gtest/gtest.h>

#include "calib/fit/needed_points.hpp"
#include "calib/fit/timed_points.hpp"
#include "tests/calib_fit/points.hpp"

namespace moesim {
namespace {

using test::gemm;

std::vector<bool> kept_of(const std::vector<Entry>& curve) {
  return needed_points(curve, linear_along("m"));
}

// Half way from 512 to 1536 tokens a line from 10 to 30 us gives 20.
TEST(NeededPoints, LeavesOutWhatItsNeighboursGive) {
  const auto curve = [](double middle) {
    return std::vector{gemm(512, 512, 512, 10e-6), gemm(1024, 512, 512, middle), gemm(1536, 512, 512, 30e-6)};
  };
  EXPECT_EQ(kept_of(curve(20e-6)), (std::vector{true, false, true}));
  EXPECT_EQ(kept_of(curve(20.5e-6)), (std::vector{true, false, true}));
  EXPECT_EQ(kept_of(curve(15e-6)), (std::vector{true, true, true}));
}

TEST(NeededPoints, KeepsShortCurves) {
  EXPECT_TRUE(kept_of({}).empty());
  EXPECT_EQ(kept_of({gemm(1, 512, 512, 1e-6)}), std::vector{true});
  EXPECT_EQ(kept_of({gemm(1, 512, 512, 1e-6), gemm(2, 512, 512, 1e-6)}), (std::vector{true, true}));
}

// 100 and 10,000 bytes in 1 and 4 us: sqrt(1 x 4) = 2 us at their geometric mean.
TEST(NeededPoints, InterpolatesInLogarithms) {
  const auto at = [](double bytes, double seconds) {
    return test::point(TimedOperator::all_reduce, {{"num_gpus", 8}, {"bytes", bytes}}, seconds);
  };
  EXPECT_NEAR(log_log_along("bytes")(at(100, 1e-6), at(1e4, 4e-6), at(1e3, 1)), 2e-6, 1e-18);
}

// 100 and 300 tokens in 1 and 9 us: the roots are 1 and 3, half way 2.
TEST(NeededPoints, InterpolatesRoots) {
  EXPECT_NEAR(root_along("m")(gemm(100, 1, 1, 1e-6), gemm(300, 1, 1, 9e-6), gemm(200, 1, 1, 1)), 4e-6, 1e-18);
}

TEST(MergeRepeated, TakesTheShortestOfOneProvenance) {
  const auto merged = merge_repeated({gemm(8, 512, 512, 6e-6, "Lib 1"), gemm(4, 512, 512, 9e-6),
                                      gemm(8, 512, 512, 5e-6, "Lib 2"), gemm(8, 256, 512, 5e-6)});
  ASSERT_EQ(merged.size(), 3U);
  EXPECT_EQ(merged[0].axis("n"), 256);
  EXPECT_EQ(merged[1].axis("m"), 4);
  EXPECT_EQ(merged[2].kernel, "Lib 2");
  EXPECT_DOUBLE_EQ(merged[2].p90, 1.2);
  EXPECT_TRUE(share_curve(merged[1], merged[2]));
  EXPECT_FALSE(share_curve(merged[0], merged[1]));
}

TEST(MergeRepeated, PrefersMeasuredPoints) {
  Entry measured = gemm(8, 512, 512, 7e-6);
  measured.provenance = Provenance::measured;
  const auto merged = merge_repeated({gemm(8, 512, 512, 5e-6), measured});
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].provenance, Provenance::measured);
  EXPECT_DOUBLE_EQ(merged[0].time->value(), 7e-6);
  EXPECT_DOUBLE_EQ(merged[0].p90, 1);
}

}  // namespace
}  // namespace moesim
