// Transfers, links and what a trace says of overlapped layers.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::entry;
using test::small_profile;

Json dispatch(int ep, const std::string& bandwidth) {
  return entry("dispatch_normal", R"("axes": {"ep": )" + std::to_string(ep) +
                                      R"(, "tokens": 4096, "top_k": 8, "hidden": 7168}, "bandwidth": ")" +
                                      bandwidth + "\"");
}

Json low_latency(int ep, const std::string& time) {
  return entry("dispatch_low_latency", R"("axes": {"ep": )" + std::to_string(ep) +
                                           R"(, "tokens": 128, "top_k": 8, "hidden": 7168}, "time": ")" +
                                           time + "\"");
}

Json trace(const std::string& op, const std::string& rest) {
  return entry(op, rest + R"(, "regime": "overlapped")", "trace");
}

CalibrationProfile transfers() {
  return small_profile({dispatch(64, "50 GB/s"), dispatch(8, "100 GB/s"), dispatch(32, "60 GB/s"),
                        low_latency(16, "120 us"), low_latency(64, "170 us")});
}

double dispatch_bandwidth(double ep) {
  return transfers().all_to_all_bandwidth(TimedOperator::dispatch_normal, ep).value();
}

double dispatch_microseconds(double ep, double tokens, double top_k = 8) {
  return transfers().low_latency(TimedOperator::dispatch_low_latency, ep, tokens, top_k, 7168).seconds * 1e6;
}

// 16 is half way from 8 to 32 in logarithms.
TEST(AllToAll, IsLinearInTheLogarithmOfItsSize) {
  EXPECT_DOUBLE_EQ(dispatch_bandwidth(8), 100e9);
  EXPECT_DOUBLE_EQ(dispatch_bandwidth(32), 60e9);
  EXPECT_NEAR(dispatch_bandwidth(16), 80e9, 1);
  EXPECT_NEAR(dispatch_bandwidth(48), 60e9 - 10e9 * std::log(1.5) / std::log(2), 1);
}

TEST(AllToAll, HoldsItsBandwidthOutside) {
  EXPECT_DOUBLE_EQ(dispatch_bandwidth(2), 100e9);
  EXPECT_DOUBLE_EQ(dispatch_bandwidth(256), 50e9);
}

TEST(AllToAll, NeedsBandwidths) {
  EXPECT_THROW((void)transfers().all_to_all_bandwidth(TimedOperator::combine_normal, 8), CalibrationError);
  EXPECT_THROW((void)transfers().all_to_all_bandwidth(TimedOperator::dispatch_low_latency, 16),
               CalibrationError);
}

// 20 us do not grow; the other 100 us at 16 ranks do, with tokens x top_k x hidden.
TEST(LowLatency, GrowsWithItsLoadBehindTheStart) {
  EXPECT_DOUBLE_EQ(dispatch_microseconds(16, 128), 120);
  EXPECT_NEAR(dispatch_microseconds(16, 64), 70, 1e-9);
  EXPECT_NEAR(dispatch_microseconds(16, 256), 220, 1e-9);
  EXPECT_NEAR(dispatch_microseconds(16, 128, 4), 70, 1e-9);
}

TEST(LowLatency, TakesThePointOfTheNearestSize) {
  EXPECT_NEAR(dispatch_microseconds(48, 128), 170, 1e-9);
  EXPECT_NEAR(dispatch_microseconds(4, 128), 120, 1e-9);
  const auto out = transfers().low_latency(TimedOperator::dispatch_low_latency, 48, 128, 8, 7168);
  EXPECT_EQ(out.provenance, Provenance::derived);
  const auto exact = transfers().low_latency(TimedOperator::dispatch_low_latency, 64, 128, 8, 7168);
  EXPECT_EQ(exact.provenance, Provenance::published);
}

TEST(Links, HaveABandwidthOrALatency) {
  const auto profile = small_profile({entry("link", R"("name": "nic", "bandwidth": "50 GB/s")"),
                                      entry("link", R"("name": "nic_latency", "time": "2.8 us")")});
  EXPECT_EQ(profile.link_bandwidth("nic").value(), 50e9);
  EXPECT_DOUBLE_EQ(profile.link_latency("nic_latency").value(), 2.8e-6);
  EXPECT_THROW((void)profile.link_latency("nic"), CalibrationError);
  EXPECT_THROW((void)profile.link_bandwidth("nic_latency"), CalibrationError);
  try {
    (void)profile.link_bandwidth("nvlink");
    ADD_FAILURE() << "found";
  } catch (const CalibrationError& error) {
    EXPECT_EQ(error.what_text, "no link 'nvlink'");
    EXPECT_EQ(error.hint, "known: nic, nic_latency");
  }
}

CalibrationProfile traced(const SourceSet& excluded = {}) {
  return small_profile(
      {test::gemm_entry(1000, 1000, 1000, "20 us"),
       trace(
           "gemm",
           R"("name": "q_up", "format": "fp8", "axes": {"m": 1000, "n": 1000, "k": 1000}, "time": "30 us")"),
       trace("phase", R"("name": "attention_forward", "time": "4 ms")"),
       trace("phase_part", R"("name": "gemm", "phase": "attention_forward", "time": "3 ms")"),
       trace("phase_part", R"("name": "norm", "phase": "attention_forward", "time": "1 ms")"),
       trace("phase_part", R"("name": "gemm", "phase": "mlp_forward", "time": "2 ms")")},
      excluded);
}

TEST(OverlappedLayer, IsFoundByName) {
  EXPECT_DOUBLE_EQ(traced().overlapped_operator("q_up")->seconds, 30e-6);
  EXPECT_DOUBLE_EQ(traced().overlapped_phase("attention_forward")->seconds, 4e-3);
  EXPECT_DOUBLE_EQ(traced().overlapped_part("mlp_forward", "gemm")->seconds, 2e-3);
  EXPECT_FALSE(traced().overlapped_operator("kv_up"));
  EXPECT_FALSE(traced().overlapped_phase("mlp_forward"));
  EXPECT_FALSE(traced().overlapped_part("mlp_forward", "norm"));
}

TEST(OverlappedLayer, ListsThePartsOfAPhase) {
  const auto parts = traced().overlapped_parts("attention_forward");
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].name, "gemm");
  EXPECT_EQ(parts[1].name, "norm");
  EXPECT_DOUBLE_EQ(parts[1].estimate.seconds, 1e-3);
}

TEST(OverlappedLayer, IsGoneWithItsSource) {
  const auto profile = traced({"trace"});
  EXPECT_FALSE(profile.overlapped_operator("q_up"));
  EXPECT_FALSE(profile.overlapped_phase("attention_forward"));
  EXPECT_TRUE(profile.overlapped_parts("attention_forward").empty());
  EXPECT_EQ(profile.entries().size(), 1U);
}

}  // namespace
}  // namespace moesim
