// Entries whose name says that their axes do not tell the whole: "skew=4", "nodes=2".
#include <gtest/gtest.h>

#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/predict.hpp"
#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::entry;
using test::small_profile;

Json grouped(const std::string& name, int m, const std::string& time) {
  return entry("grouped_gemm", R"("name": ")" + name + R"(", "format": "fp8", "axes": {"groups": 8, "m": )" +
                                   std::to_string(m) + R"(, "n": 1024, "k": 1024}, "time": ")" + time + "\"");
}

Json all_reduce(const std::string& name, const std::string& time) {
  return entry("all_reduce", R"("name": ")" + name +
                                 R"(", "axes": {"num_gpus": 8, "bytes": 4096}, "time": ")" + time + "\"");
}

Json low_latency(const std::string& name, const std::string& time) {
  return entry("dispatch_low_latency", R"("name": ")" + name +
                                           R"(", "axes": {"ep": 8, "tokens": 128, "top_k": 8, "hidden": 7168},
                                           "time": ")" +
                                           time + "\"");
}

TEST(NamedEntries, StayOutOfTheCurvesOfTheirOperator) {
  const auto with = small_profile({grouped("", 512, "300 us"), grouped("skew=4", 512, "350 us"),
                                   grouped("skew=4", 1024, "900 us"), all_reduce("", "10 us"),
                                   all_reduce("nodes=2", "90 us"), low_latency("", "100 us"),
                                   low_latency("max_over_mean=2", "200 us")});
  const auto without =
      small_profile({grouped("", 512, "300 us"), all_reduce("", "10 us"), low_latency("", "100 us")});
  EXPECT_EQ(with.entries().size(), 7U) << "kept for show and plots";
  for (const CalibrationProfile* profile : {&with, &without}) {
    for (const double m : {512.0, 700.0, 1024.0})
      EXPECT_EQ(profile->gemm({NumberFormat::fp8, m, 1024, 1024, 8}).seconds,
                without.gemm({NumberFormat::fp8, m, 1024, 1024, 8}).seconds);
    EXPECT_DOUBLE_EQ(profile->gemm({NumberFormat::fp8, 512, 1024, 1024, 8}).seconds, 300e-6);
    EXPECT_DOUBLE_EQ(profile->nccl_time(TimedOperator::all_reduce, 8, Bytes(4096))->seconds, 10e-6);
    EXPECT_DOUBLE_EQ(profile->low_latency(TimedOperator::dispatch_low_latency, 8, 128, 8, 7168, 256).seconds,
                     100e-6);
  }
}

TEST(NamedEntries, AreNotPredicted) {
  const auto profile = small_profile({grouped("", 512, "300 us"), grouped("skew=4", 512, "350 us")});
  for (const Entry& timed : profile.entries()) {
    EXPECT_EQ(lies_on_curves(timed), timed.name.empty());
    EXPECT_EQ(calibrated_operator(timed).empty(), !timed.name.empty());
    EXPECT_EQ(predict(profile, timed).has_value(), timed.name.empty());
  }
}

// The name of an expert_mlp is its kernel, which has curves of its own.
TEST(NamedEntries, KernelsOfExpertsHaveCurves) {
  Entry experts;
  experts.op = TimedOperator::expert_mlp;
  experts.name = "fused";
  EXPECT_TRUE(lies_on_curves(experts));
  experts.regime = Regime::graph;
  EXPECT_FALSE(lies_on_curves(experts));
}

}  // namespace
}  // namespace moesim
