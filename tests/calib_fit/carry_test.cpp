// From one GPU to another.
#include "calib/fit/carry.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "calib/fit/timed_points.hpp"
#include "calib/profile/profile.hpp"
#include "tests/calib_fit/points.hpp"

namespace moesim {
namespace {

/// The carried point of a file of one.
Entry carried(const Entry& point, const GpuFacts& to) {
  const auto points = sort_entries(carry(test::file_of({point}), to)).points;
  EXPECT_EQ(points.size(), 1U);
  return points.at(0);
}

GpuFacts half_bandwidth() {
  GpuFacts gpu = test::small_gpu();
  gpu.name = "Vendor G50";
  gpu.hbm_bandwidth = BytesPerSecond(0.5e12);
  gpu.nvlink_bandwidth = BytesPerSecond(100e9);
  return gpu;
}

// 16 tokens of a 16384 x 16384 weight read and write 538 MB, 538 us at 1 TB/s. The one point reaches 0.978 of
// that in 550 us, so that nothing but the floor is left beside it, and half the bandwidth doubles it.
TEST(Carry, MemoryBoundFollowsTheBandwidth) {
  const Entry point = carried(test::gemm(16, 16384, 16384, 550e-6), half_bandwidth());
  EXPECT_NEAR(point.time->value(), 1100e-6, 25e-6);
  EXPECT_EQ(point.provenance, Provenance::derived);
  EXPECT_EQ(point.gpu, "Vendor G100");
}

// 2 x 8192^3 operations take 11 ms at 100 TFLOP/s; 0.4 GB hardly show: sqrt(14^2 + 1.6^2 - 0.8^2) = 14.07 ms.
TEST(Carry, ComputeBoundFollowsThePeak) {
  EXPECT_NEAR(carried(test::gemm(8192, 8192, 8192, 14e-3), half_bandwidth()).time->value(), 14e-3, 1e-4);
  GpuFacts slow = test::small_gpu();
  slow.name = "Vendor G10";
  slow.peak_bf16 = FlopsPerSecond(50e12);
  const double seconds = carried(test::gemm(8192, 8192, 8192, 14e-3), slow).time->value();
  EXPECT_GT(seconds, 14e-3);
  EXPECT_LE(seconds, 28.1e-3);
}

// 3 us of a small shape are a launch: they stay.
TEST(Carry, LaunchesStay) {
  EXPECT_NEAR(carried(test::gemm(1, 128, 128, 3e-6), half_bandwidth()).time->value(), 3e-6, 2e-7);
}

// 64 SMs instead of 100 hold 64 tiles of 128 x 128 in one wave as well; 100 tiles need two.
TEST(Carry, WavesFollowTheSms) {
  GpuFacts fewer = test::small_gpu();
  fewer.name = "Vendor G64";
  fewer.num_sms = 64;
  const auto with = [&](double m) { return carried(test::gemm(m, 1280, 8192, 1e-3), fewer).time->value(); };
  EXPECT_GT(with(1280), 1.2e-3 * 0.95);
}

TEST(Carry, CollectivesFollowNvlink) {
  const Entry point = test::point(TimedOperator::all_gather, {{"num_gpus", 8}, {"bytes", 8e8}}, 4e-3);
  EXPECT_NEAR(carried(point, half_bandwidth()).time->value(), 8e-3, 1e-3);
}

TEST(Carry, GradesWhatItGives) {
  const ProfileFile file = carry(test::file_of({test::gemm(16, 4096, 4096, 50e-6)}), half_bandwidth());
  const CalibrationProfile profile(file, {}, "carried");
  const auto estimate = profile.gemm({NumberFormat::bf16, 16, 4096, 4096});
  EXPECT_EQ(estimate.provenance, Provenance::derived);
  EXPECT_EQ(estimate.grade, Grade::carried);
  EXPECT_TRUE(file.held_out.empty());
}

TEST(Carry, RefusesAProfileWithoutPoints) {
  EXPECT_THROW((void)carry(test::empty_file(), half_bandwidth()), SpecError);
}

}  // namespace
}  // namespace moesim
