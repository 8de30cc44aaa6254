#include "base/quantity.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <unordered_set>

#include "base/ids.hpp"

namespace moesim {
namespace {

using namespace literals;

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Comparable = requires(A a, B b) {
  a < b;
};

static_assert(Addable<Bytes, Bytes> && !Addable<Bytes, Seconds> && !Addable<Bytes, double>);
static_assert(!Comparable<Bytes, Flops> && !Comparable<Rank, GpuId> && Comparable<Rank, Rank>);
static_assert(!std::convertible_to<double, Seconds> && !std::convertible_to<int, Rank>);

TEST(Quantity, DividesAmountsByTimesAndRates) {
  EXPECT_EQ(900_GB / 2_s, 450_GBps);
  EXPECT_EQ(900_GB / 450_GBps, 2_s);
  EXPECT_EQ(450_GBps * 2_s, 900_GB);
  EXPECT_EQ(1978_TFLOP / 989_TFLOPs, 2_s);
  EXPECT_EQ(700_W * 10_s, 7000_J);
  EXPECT_EQ(7000_J / 10_s, 700_W);
  EXPECT_DOUBLE_EQ((2_usd_per_h * 30_min).value(), 1.0);
  EXPECT_EQ(2e9 / 1_GHz, 2_s);
  EXPECT_EQ(6_GB / 2_GB, 3.0);
}

TEST(Quantity, LiteralsAreSi) {
  EXPECT_EQ((3_ms).value(), 0.003);
  EXPECT_EQ((2_us).value(), 2e-6);
  EXPECT_EQ((80_GiB).value(), 85899345920.0);
  EXPECT_EQ(400_Gbps, 50_GBps);
}

TEST(Ids, CountHashAndDefaultToNothing) {
  EXPECT_FALSE(Rank{}.valid());
  Rank rank(3);
  EXPECT_EQ((++rank).index(), 4U);
  EXPECT_EQ(Rank::of(4), rank);
  EXPECT_EQ((std::unordered_set<Rank>{Rank(1), Rank(1), Rank(2)}.size()), 2U);
}

}  // namespace
}  // namespace moesim
