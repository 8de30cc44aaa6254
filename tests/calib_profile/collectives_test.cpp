// Collectives of NCCL inside a node.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::entry;
using test::small_profile;

Json all_reduce(int num_gpus, int bytes, const std::string& time) {
  return entry("all_reduce", R"("axes": {"num_gpus": )" + std::to_string(num_gpus) + R"(, "bytes": )" +
                                 std::to_string(bytes) + R"(}, "time": ")" + time + "\"");
}

/// 8 GPUs: 10 us up to 1 KB, 20 us at 4 KB (4 times the bytes for twice the time), 1 ms at 1 MB.
CalibrationProfile collectives() {
  return small_profile({all_reduce(8, 1000, "10 us"), all_reduce(8, 4000, "20 us"),
                        all_reduce(8, 1000000, "1 ms"), all_reduce(2, 1000, "5 us"),
                        all_reduce(2, 1000000, "500 us")});
}

double microseconds(int num_gpus, double bytes) {
  return collectives().nccl_time(TimedOperator::all_reduce, num_gpus, Bytes(bytes))->seconds * 1e6;
}

TEST(Collectives, GiveTheTimedPoints) {
  EXPECT_DOUBLE_EQ(microseconds(8, 1000), 10);
  EXPECT_DOUBLE_EQ(microseconds(8, 1000000), 1000);
  EXPECT_DOUBLE_EQ(microseconds(2, 1000), 5);
}

// 2000 is half way from 1000 to 4000 in logarithms: sqrt(10 x 20) us.
TEST(Collectives, AreLogLogBetweenTwoSizes) {
  EXPECT_NEAR(microseconds(8, 2000), std::sqrt(200.0), 1e-9);
}

TEST(Collectives, HoldTimeBelowAndBandwidthAbove) {
  EXPECT_DOUBLE_EQ(microseconds(8, 1), 10);
  EXPECT_DOUBLE_EQ(microseconds(8, 3e6), 3000);
}

// 4 is half way from 2 to 8 in logarithms; 16 GPUs send 15/16 of the buffer, 8 send 7/8.
TEST(Collectives, CarryToOtherGroups) {
  EXPECT_NEAR(microseconds(4, 1000), std::sqrt(50.0), 1e-9);
  EXPECT_NEAR(microseconds(16, 1000), 10 * (15.0 / 16) / (7.0 / 8), 1e-9);
  EXPECT_EQ(microseconds(1, 1000), 0);
  const auto carried = collectives().nccl_time(TimedOperator::all_reduce, 4, Bytes(1000));
  EXPECT_EQ(carried->provenance, Provenance::derived);
}

// 12 us for 1 KB and 3 us for 2 KB become their geometric mean, 6 us; the next point stays.
TEST(Collectives, AreMonotone) {
  const auto profile =
      small_profile({all_reduce(8, 1000, "12 us"), all_reduce(8, 2000, "3 us"), all_reduce(8, 4000, "7 us")});
  const auto at = [&](double bytes) {
    return profile.nccl_time(TimedOperator::all_reduce, 8, Bytes(bytes))->seconds * 1e6;
  };
  EXPECT_NEAR(at(1000), 6, 1e-9);
  EXPECT_NEAR(at(2000), 6, 1e-9);
  EXPECT_DOUBLE_EQ(at(4000), 7);
  double last = 0;
  for (double bytes = 500; bytes < 16000; bytes *= 1.1) {
    EXPECT_GE(at(bytes), last);
    last = at(bytes);
  }
}

TEST(Collectives, AreNothingWithoutEntries) {
  EXPECT_FALSE(collectives().nccl_time(TimedOperator::all_gather, 8, Bytes(1000)));
  EXPECT_THROW((void)collectives().nccl_time(TimedOperator::gemm, 8, Bytes(1000)), CalibrationError);
}

}  // namespace
}  // namespace moesim
