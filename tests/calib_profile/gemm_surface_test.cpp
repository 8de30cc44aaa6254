// GEMM times by the curves of many weights.
#include "calib/profile/gemm_surface.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "calib/profile/gemm_curves.hpp"
#include "calib/profile/weighted_median.hpp"

namespace moesim {
namespace {

TEST(WeightedMedian, LiesWhereHalfOfTheWeightIs) {
  EXPECT_DOUBLE_EQ(weighted_median({{3, 1}}), 3);
  EXPECT_DOUBLE_EQ(weighted_median({{3, 1}, {1, 1}, {2, 1}}), 2);
  EXPECT_DOUBLE_EQ(weighted_median({{1, 1}, {2, 1}}), 1.5);
  EXPECT_NEAR(weighted_median({{1, 100}, {2, 1}, {900, 1}}), 1, 0.02);
  // Middles at 1/8, 4/8, 7/8.
  EXPECT_DOUBLE_EQ(weighted_median({{1, 1}, {5, 2}, {9, 1}}), 5);
}

TEST(LocalPlane, GivesAConstantBack) {
  const LocalPlane plane({{1, 0.5, 0}, {2, -0.5, 0.2}, {1, 0, -1}});
  EXPECT_DOUBLE_EQ(plane.at_origin(std::vector{4.0, 4.0, 4.0}), 4);
  EXPECT_DOUBLE_EQ(LocalPlane({{1, 0.3, 0.3}}).at_origin(std::vector{7.0}), 7);
}

// A slope along x seen from one side: without the ridge the value at the origin would be 1, which lies
// outside of the values, so that the nearest of them stands.
TEST(LocalPlane, DoesNotLeaveTheRangeOfTheValues) {
  const LocalPlane plane({{1, 1, 0}, {1, 2, 0}, {1, 3, 0}});
  EXPECT_GE(plane.at_origin(std::vector{2.0, 3.0, 4.0}), 2);
}

// Symmetric places around the origin: the slope cancels, an outlier does not count.
TEST(LocalPlane, ForgetsAnOutlier) {
  const LocalPlane plane(
      {{1, 1, 0}, {1, -1, 0}, {1, 0, 1}, {1, 0, -1}, {1, 0.1, 0.1}, {1, -0.1, -0.1}, {1, 0, 0.1}});
  EXPECT_NEAR(plane.at_origin(std::vector{1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 50.0}), 1, 0.05);
}

/// 100 TFLOP/s, 1 TB/s.
GpuFacts gpu() {
  GpuFacts facts;
  facts.name = "G100";
  facts.num_sms = 100;
  facts.hbm_bandwidth = BytesPerSecond(1e12);
  facts.peak_bf16 = FlopsPerSecond(100e12);
  facts.peak_fp8 = FlopsPerSecond(200e12);
  return facts;
}

GemmShape bf16(double m, double n, double k) {
  return {NumberFormat::bf16, m, n, k, 1, GemmRole::forward};
}

/// 3 us and the roofline at 80 %.
double law(double m, double n, double k) {
  return 3e-6 + roofline_seconds(bf16(m, n, k), gpu()) / 0.8;
}

/// 36 weights at 8 token counts, all but one weight and one of its token counts.
GemmCurves many_weights() {
  GemmCurves curves(gpu());
  for (const double n : {512, 1024, 2048, 4096, 8192, 16384}) {
    for (const double k : {512, 1024, 2048, 4096, 8192, 16384}) {
      if (n == 2048 && k == 2048) continue;
      for (const double m : {1, 16, 64, 128, 256, 1024, 4096, 16384}) {
        if (n == 4096 && k == 4096 && m == 256) continue;
        const double s = law(m, n, k);
        curves.add(bf16(m, n, k), {s, Provenance::published, "table", s, s});
      }
    }
  }
  return curves;
}

TEST(ManyCurves, ReturnTimedPoints) {
  const auto out = many_weights().estimate(bf16(1024, 1024, 512));
  EXPECT_EQ(out.seconds, law(1024, 1024, 512));
  EXPECT_EQ(out.grade, Grade::exact);
  EXPECT_EQ(out.provenance, Provenance::published);
}

TEST(ManyCurves, CarryLaunchAndUtilisationToAnotherWeight) {
  for (const double m : {1, 128, 4096}) {
    const auto out = many_weights().estimate(bf16(m, 2048, 2048));
    EXPECT_NEAR(out.seconds / law(m, 2048, 2048), 1, 0.03) << m;
    EXPECT_EQ(out.grade, Grade::carried);
    EXPECT_EQ(out.provenance, Provenance::derived);
    EXPECT_LT(out.p10, out.seconds);
  }
}

TEST(ManyCurves, FindAPointBetweenOthersByTheCurvesAround) {
  const auto out = many_weights().estimate(bf16(256, 4096, 4096));
  EXPECT_NEAR(out.seconds / law(256, 4096, 4096), 1, 0.02);
  EXPECT_EQ(out.grade, Grade::interpolated);
  EXPECT_EQ(out.provenance, Provenance::published);
}

TEST(ManyCurves, HoldUtilisationOutside) {
  const auto out = many_weights().estimate(bf16(32768, 4096, 4096));
  EXPECT_NEAR(out.seconds / law(32768, 4096, 4096), 1, 0.03);
  EXPECT_EQ(out.grade, Grade::held);
  const auto small = many_weights().estimate(bf16(1, 16, 16));
  EXPECT_GT(small.seconds, 0);
  EXPECT_TRUE(std::isfinite(many_weights().estimate(bf16(1, 1e6, 1e6)).seconds));
}

// A wave that all weights see at 1,024 tokens shows in one that was not timed there.
TEST(ManyCurves, SeeTheTeethOfOthers) {
  GemmCurves curves(gpu());
  for (const double n : {256, 512, 1024, 2048, 4096, 8192}) {
    for (const double k : {256, 512, 1024, 2048, 4096, 8192}) {
      for (const double m : {512, 1023, 1024, 2048}) {
        if (n == 1024 && k == 1024 && m == 1023) continue;
        const double s = law(m, n, k) * (m == 1023 ? 1.3 : 1);
        curves.add(bf16(m, n, k), {s, Provenance::published, "table", s, s});
      }
    }
  }
  EXPECT_NEAR(curves.estimate(bf16(1023, 1024, 1024)).seconds / law(1023, 1024, 1024), 1.3, 0.1);
}

TEST(ManyCurves, TakeTheBetterOfTwoPoints) {
  GemmCurves curves = many_weights();
  curves.add(bf16(1024, 1024, 512), {1, Provenance::derived, "other", 1, 1});
  EXPECT_EQ(curves.estimate(bf16(1024, 1024, 512)).source, "table");
  curves.add(bf16(1024, 1024, 512), {1, Provenance::measured, "own", 1, 1});
  EXPECT_EQ(curves.estimate(bf16(1024, 1024, 512)).source, "own");
}

}  // namespace
}  // namespace moesim
