#include "calib/profile/gemm_curves.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "base/quantity.hpp"

namespace moesim {
namespace {

using namespace literals;

/// 200 TFLOP/s in FP8, 100 in BF16, 1 TB/s.
GpuFacts gpu() {
  GpuFacts facts;
  facts.name = "G100";
  facts.num_sms = 100;
  facts.hbm_bandwidth = 1_TBps;
  facts.peak_bf16 = 100_TFLOPs;
  facts.peak_fp8 = 200_TFLOPs;
  return facts;
}

GemmShape fp8(double m, double n, double k, double groups = 1) {
  return {NumberFormat::fp8, m, n, k, groups, GemmRole::forward};
}

TimeEstimate published(double microseconds, const std::string& source = "table") {
  const double s = microseconds * 1e-6;
  return {s, Provenance::published, source, 0.9 * s, 1.2 * s};
}

/// One weight 1000 x 1000 at three token counts.
GemmCurves one_weight() {
  GemmCurves curves(gpu());
  curves.add(fp8(4000, 1000, 1000), published(60));
  curves.add(fp8(1000, 1000, 1000), published(20));
  curves.add(fp8(2000, 1000, 1000), published(36));
  return curves;
}

double micro(const TimeEstimate& estimate) {
  return estimate.seconds * 1e6;
}

// FLOPs: 2 x 10^9 at 200 TFLOP/s, 10 us. Bytes: 1 x 10^6 each operand and 2 x 10^6 out at 1 TB/s, 4 us.
TEST(Roofline, IsTheSlowerOfComputationAndMemory) {
  EXPECT_DOUBLE_EQ(roofline_seconds(fp8(1000, 1000, 1000), gpu()), 10e-6);
  // 10 tokens: 2 x 10^7 FLOPs take 0.1 us; 10^4 + 10^6 + 2 x 10^4 bytes 1.03 us.
  EXPECT_DOUBLE_EQ(roofline_seconds(fp8(10, 1000, 1000), gpu()), 1.03e-6);
  // BF16: half the rate.
  EXPECT_DOUBLE_EQ(roofline_seconds({NumberFormat::bf16, 1000, 1000, 1000, 2, GemmRole::forward}, gpu()),
                   40e-6);
  // A weight gradient over 10 tokens reads and writes FP32: 2 x 10^4 + 8 x 10^6 bytes.
  EXPECT_DOUBLE_EQ(roofline_seconds({NumberFormat::fp8, 1000, 1000, 10, 1, GemmRole::weight_gradient}, gpu()),
                   8.02e-6);
}

TEST(GemmCurves, GiveAnEntryItself) {
  const TimeEstimate out = one_weight().estimate(fp8(2000, 1000, 1000));
  EXPECT_DOUBLE_EQ(micro(out), 36);
  EXPECT_DOUBLE_EQ(out.p10, 0.9 * 36e-6);
  EXPECT_DOUBLE_EQ(out.p90, 1.2 * 36e-6);
  EXPECT_EQ(out.provenance, Provenance::published);
  EXPECT_EQ(out.source, "table");
}

TEST(GemmCurves, AreLinearInTimeBetweenNeighbours) {
  EXPECT_DOUBLE_EQ(micro(one_weight().estimate(fp8(1500, 1000, 1000))), 28);
  EXPECT_DOUBLE_EQ(micro(one_weight().estimate(fp8(3500, 1000, 1000))), 54);
  EXPECT_DOUBLE_EQ(one_weight().estimate(fp8(1500, 1000, 1000)).p90, 1.2 * 28e-6);
}

TEST(GemmCurves, NameBothSourcesBetweenThem) {
  GemmCurves curves = one_weight();
  curves.add(fp8(8000, 1000, 1000), {100e-6, Provenance::derived, "other", 100e-6, 100e-6});
  const TimeEstimate out = curves.estimate(fp8(6000, 1000, 1000));
  EXPECT_EQ(out.source, "table other");
  EXPECT_EQ(out.provenance, Provenance::derived);  // the worse
}

// At 4,000 tokens 40 of 60 us are the roofline's, at 8,000 it is 80 us. At 10 tokens it is 1.03 us and the
// first entry needs twice the roofline.
TEST(GemmCurves, HoldUtilisationOutside) {
  const TimeEstimate above = one_weight().estimate(fp8(8000, 1000, 1000));
  EXPECT_DOUBLE_EQ(micro(above), 120);
  EXPECT_EQ(above.provenance, Provenance::derived);
  EXPECT_DOUBLE_EQ(micro(one_weight().estimate(fp8(10, 1000, 1000))), 2.06);
}

/// Five weights at 1,000 tokens. Utilisation of the roofline: 10/20, 40/50, 40/100, 160/250 and, far away,
/// 40.96/409.6 ms.
GemmCurves five_weights() {
  GemmCurves curves(gpu());
  curves.add(fp8(1000, 1000, 1000), published(20));
  curves.add(fp8(1000, 4000, 1000), published(50));
  curves.add(fp8(1000, 1000, 4000), published(100));
  curves.add(fp8(1000, 4000, 4000), published(250));
  curves.add(fp8(1000, 64000, 64000), published(409600, "far"));
  return curves;
}

// 2000 x 2000 is equally far from the four nearest: their mean utilisation. Its roofline is 40 us.
TEST(GemmCurves, CarryTheUtilisationOfTheFourNearest) {
  const TimeEstimate out = five_weights().estimate(fp8(1000, 2000, 2000));
  EXPECT_NEAR(micro(out), 40 / ((0.5 + 0.8 + 0.4 + 0.64) / 4), 1e-9);
  EXPECT_NEAR(out.p90 / out.seconds, 1.09, 1e-12);  // held-out error of the rule
  EXPECT_EQ(out.provenance, Provenance::derived);
  EXPECT_EQ(out.source, "table");
}

// 2000 x 1000 lies log 2 from the first two and sqrt(5) log 2 from the others. Its roofline is 20 us.
TEST(GemmCurves, WeighByInverseDistance) {
  const double w = 1 / std::sqrt(5);
  const double utilisation = (0.5 + 0.8 + w * (0.4 + 0.64)) / (2 + 2 * w);
  EXPECT_NEAR(micro(five_weights().estimate(fp8(1000, 2000, 1000))), 20 / utilisation, 1e-9);
}

// A weight gradient reduces over tokens; [out, in] and [in, out] are one curve.
TEST(GemmCurves, TurnWeightGradients) {
  GemmCurves curves(gpu());
  curves.add({NumberFormat::fp8, 1000, 2000, 4096, 1, GemmRole::weight_gradient}, published(100));
  curves.add({NumberFormat::fp8, 1000, 2000, 8192, 1, GemmRole::weight_gradient}, published(180));
  EXPECT_DOUBLE_EQ(
      micro(curves.estimate({NumberFormat::fp8, 2000, 1000, 4096, 1, GemmRole::weight_gradient})), 100);
  EXPECT_DOUBLE_EQ(
      micro(curves.estimate({NumberFormat::fp8, 1000, 2000, 6144, 1, GemmRole::weight_gradient})), 140);
}

// Of one token count the entry with the nearest number of groups, in proportion.
TEST(GemmCurves, CarryToAnotherNumberOfGroups) {
  GemmCurves curves(gpu());
  curves.add(fp8(1000, 1000, 1000, 2), published(50));
  curves.add(fp8(1000, 1000, 1000, 8), published(160));
  EXPECT_DOUBLE_EQ(micro(curves.estimate(fp8(1000, 1000, 1000, 8))), 160);
  EXPECT_EQ(curves.estimate(fp8(1000, 1000, 1000, 8)).provenance, Provenance::published);
  EXPECT_DOUBLE_EQ(micro(curves.estimate(fp8(1000, 1000, 1000, 16))), 320);
  EXPECT_DOUBLE_EQ(micro(curves.estimate(fp8(1000, 1000, 1000, 3))), 75);
  EXPECT_EQ(curves.estimate(fp8(1000, 1000, 1000, 3)).provenance, Provenance::derived);
}

}  // namespace
}  // namespace moesim
