// The errors of the shipped profiles, as their fits found them, and of a GPU carried to another.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "calib/fit/carry.hpp"
#include "calib/fit/error_account.hpp"
#include "calib/fit/timed_points.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/claimed_work.hpp"
#include "calib/profile/predict.hpp"
#include "calib/profile/profile.hpp"

namespace moesim {
namespace {

HeldOutError error_of(const std::string& profile, const std::string& name, const std::string& kind) {
  const CalibrationProfile loaded = load_profile(profile);
  for (const auto& error : loaded.file().held_out) {
    if (error.name == name && error.kind == kind) return error;
  }
  ADD_FAILURE() << "no " << name << " " << kind << " in " << profile;
  return {};
}

class HopperProfile : public testing::TestWithParam<std::string> {};

// shipped_test.cpp makes these files again from the tables, so that the figures are those of the program.
TEST_P(HopperProfile, PredictsHeldOutGemms) {
  const auto bf16 = error_of(GetParam(), "gemm_bf16", "all");
  EXPECT_LE(bf16.median_error, 0.025);
  EXPECT_LE(bf16.p90_error, 0.10);
  EXPECT_GE(bf16.held_out_points, 70'000);
  const auto fp8 = error_of(GetParam(), "gemm_fp8_block", "all");
  EXPECT_LE(fp8.median_error, 0.06);
  EXPECT_LE(fp8.p90_error, 0.18);
  EXPECT_GE(fp8.held_out_points, 59'000);
}

INSTANTIATE_TEST_SUITE_P(All, HopperProfile, testing::Values("h100-sxm", "h200-sxm"),
                         [](const auto& info) { return info.param.substr(0, 4); });

/// What binds a call on its GPU: "memory", "compute", or "launch" below a fifth of both peaks.
std::string bound_of(const Entry& entry, const GpuFacts& gpu) {
  const ClaimedWork work = claimed_work(entry);
  const double compute = work.flops / gpu.peak_of(entry.format).value();
  const double memory = work.hbm_bytes / gpu.hbm_bandwidth.value();
  if (std::max(compute, memory) < 0.2 * time_of(entry).value()) return "launch";
  return memory > compute ? "memory" : "compute";
}

// The H100's own tables say how far a profile carried from the H200 is.
TEST(CarriedProfile, IsNearTheTablesOfItsGpu) {
  const ProfileFile h100 = load_profile("h100-sxm").file();
  const CalibrationProfile carried(carry(load_profile("h200-sxm").file(), h100.gpu), {}, "carried");
  ErrorAccount account;
  for (const Entry& point : sort_entries(h100).points) {
    const auto estimate = predict(carried, point);
    if (!estimate) continue;
    account.add(calibrated_operator(point), bound_of(point, h100.gpu),
                std::abs(estimate->seconds / time_of(point).value() - 1));
  }
  for (const auto& error : account.summary()) {
    RecordProperty(error.name + "_" + error.kind, std::to_string(error.median_error));
    EXPECT_LE(error.median_error, error.kind == "launch" ? 0.11 : 0.08)
        << error.name << " " << error.kind << " p90 " << error.p90_error;
  }
}

}  // namespace
}  // namespace moesim
