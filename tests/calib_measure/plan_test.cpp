// The order of a run, its budget and the peaks it is held against.
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "calib/measure/budget.hpp"
#include "calib/measure/measuring_order.hpp"
#include "calib/measure/peaks.hpp"

namespace moesim {
namespace {

using namespace literals;

DeviceSignature h200() {
  // 6144 bits at 3.201 GHz, both edges
  return {"NVIDIA H200", 132, 9, 0, 1980, 2 * 3.201e9 * 6144 / 8, 150e9, 700};
}

TEST(MeasuringOrder, HoldsEveryCaseOnceAndAnAnchorEveryTwenty) {
  const auto order = measuring_order(45, 3);
  std::set<std::size_t> places;
  std::vector<std::size_t> anchors;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i].is_anchor()) {
      anchors.push_back(i);
    } else {
      EXPECT_TRUE(places.insert(order[i].place).second);
    }
  }
  EXPECT_EQ(places.size(), 45U);
  EXPECT_EQ(*places.rbegin(), 44U);
  EXPECT_EQ(anchors, (std::vector<std::size_t>{0, 21, 42, 48}));
}

TEST(MeasuringOrder, DependsOnTheSeedAlone) {
  const auto places = [](std::uint64_t seed) {
    std::vector<std::size_t> out;
    for (const OrderedStep& step : measuring_order(100, seed)) out.push_back(step.place);
    return out;
  };
  EXPECT_EQ(places(1), places(1));
  EXPECT_NE(places(1), places(2));
}

TEST(Budget, ARunThatFallsBehindSamplesLess) {
  Budget budget(100_s, 80_s);
  EXPECT_EQ(budget.sampling_time(0_s), kSampling);
  budget.done(20_s);
  EXPECT_DOUBLE_EQ(budget.remaining(20_s).value(), 60);  // in step
  EXPECT_EQ(budget.sampling_time(20_s), kSampling);
  // Twice as slow: (40 + 10) / (20 + 10) times 60 s are left at this pace, 60 allowed.
  EXPECT_DOUBLE_EQ(budget.remaining(40_s).value(), 100);
  EXPECT_DOUBLE_EQ(budget.sampling_time(40_s).value(), 0.15);
  EXPECT_EQ(budget.sampling_time(99_s), kLeastSampling);
  EXPECT_EQ(Budget(0_s, 80_s).sampling_time(1000_s), kSampling) << "no limit";
}

TEST(Budget, AFirstCaseThatLoadsLibrariesDoesNotSetThePace) {
  Budget budget(100_s, 80_s);
  budget.done(0.5_s);
  // 3 s instead of 0.5 at the start: (3 + 10) / (0.5 + 10) times 79.5 s, not 6 times.
  EXPECT_NEAR(budget.remaining(3_s).value(), 98.4, 0.1);
  EXPECT_GT(budget.sampling_time(3_s), 0.24_s);
}

TEST(Budget, ADeviceThatTellsNoBandwidthHasAnEstimate) {
  MeasuredCase point;
  point.group = "elementwise";
  point.op = TimedOperator::elementwise;
  point.axes = {{"rows", 4096}, {"columns", 2048}};
  GpuFacts unknown = hardware_peaks(h200());
  unknown.hbm_bandwidth = BytesPerSecond(0.0);
  unknown.peak_bf16 = FlopsPerSecond(0.0);
  // The shortest call, 5 us, and 250 us around it: 40 of them, in a graph 40 of 20 calls, and rests as long.
  EXPECT_NEAR(estimated_time(point, unknown).value(), 0.04 + 2 * (40 * 255e-6 + 40 * 350e-6), 1e-9);
}

TEST(Budget, ASlowCallIsEstimatedByItsRoofline) {
  MeasuredCase point;
  point.group = "gemm";
  point.axes = {{"m", 16384}, {"n", 16384}, {"k", 16384}};
  point.regimes = {TimingRegime::cold};
  const GpuFacts gpu = hardware_peaks(h200());
  // 2 * 16384^3 / (989.4e12 / 2) = 17.78 ms; 14 such calls fill 0.25 s, and rests as long.
  EXPECT_NEAR(estimated_time(point, gpu).value(), 0.04 + 2 * 0.25, 1e-9);
  point.axes["m"] = 163840;  // ten calls of 0.178 s
  EXPECT_NEAR(estimated_time(point, gpu).value(), 0.04 + 2 * 10 * 0.17805, 0.01);
}

TEST(Peaks, ADeviceIsKnownByNameSmsAndBandwidth) {
  const auto facts = shipped_facts(h200());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->name, "NVIDIA H200 SXM");
  DeviceSignature other = h200();
  other.num_sms = 114;
  EXPECT_FALSE(shipped_facts(other));
  other = h200();
  other.memory_bandwidth = 3.35e12;
  EXPECT_FALSE(shipped_facts(other));
  other = h200();
  other.name = "NVIDIA H20";
  EXPECT_FALSE(shipped_facts(other)) << "h200 is another word";
}

TEST(Peaks, AnUnknownGpuHasThoseOfItsTensorCores) {
  const DeviceSignature unknown{"NVIDIA Z1", 132, 9, 0, 1830, 3.35e12, 80e9, 700};
  const GpuFacts peaks = hardware_peaks(unknown);
  EXPECT_NEAR(peaks.peak_bf16.value(), 989.4e12, 0.001 * 989.4e12) << "132 SMs, 4096 a cycle, 1.83 GHz";
  EXPECT_DOUBLE_EQ(peaks.peak_fp8.value(), 2 * peaks.peak_bf16.value());
  EXPECT_EQ(peaks.hbm_bandwidth, 3.35_TBps);
}

TEST(Peaks, WhatIsFasterThanTheHardwareIsNamed) {
  const GpuFacts peaks = hardware_peaks(h200());
  const Work gemm{1e12, 1e6, 0};
  EXPECT_EQ(find_above_peak(gemm, 1.1_ms, peaks, NumberFormat::bf16, TimingRegime::cold, 50e6), "");
  EXPECT_EQ(find_above_peak(gemm, 1_ms, peaks, NumberFormat::bf16, TimingRegime::cold, 50e6),
            "computes 1000.0 TFLOP/s of at most 989.4");
  EXPECT_EQ(find_above_peak(gemm, 1_ms, peaks, NumberFormat::fp8, TimingRegime::cold, 50e6), "");
  const Work copy{0, 100e6, 0};
  EXPECT_EQ(find_above_peak(copy, 20_us, peaks, NumberFormat::bf16, TimingRegime::cold, 50e6),
            "memory at 5.0 TB/s of at most 4.8");
  EXPECT_EQ(find_above_peak(copy, 20_us, peaks, NumberFormat::bf16, TimingRegime::graph, 50e6), "")
      << "L2 may serve it";
  // Five times L2 in a graph, of which 1/5 may stay in L2: 1.1 times the peak of 4.8 TB/s is 0.88 of it from
  // memory, 1.3 times is 1.04.
  const Work big{0, 250e6, 0};
  const auto at = [&](double share) { return Seconds(250e6 / (share * 4.8e12)); };
  EXPECT_EQ(find_above_peak(big, at(1.1), peaks, NumberFormat::bf16, TimingRegime::graph, 50e6), "");
  EXPECT_EQ(find_above_peak(big, at(1.3), peaks, NumberFormat::bf16, TimingRegime::graph, 50e6),
            "memory at 5.0 TB/s of at most 4.8");
  EXPECT_NE(find_above_peak(big, at(1.1), peaks, NumberFormat::bf16, TimingRegime::cold, 50e6), "");
  const Work sent{0, 0, 500e6};
  EXPECT_EQ(find_above_peak(sent, 1_ms, peaks, NumberFormat::bf16, TimingRegime::cold, 50e6),
            "NVLink at 500.0 GB/s of at most 450.0");
}

}  // namespace
}  // namespace moesim
