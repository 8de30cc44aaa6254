#include "sim/serving/batching/log_histogram.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

TEST(LogHistogram, IsEmptyAtFirst) {
  const LogHistogram histogram;
  EXPECT_EQ(histogram.total(), 0);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_EQ(histogram.share_within(1), 1);
}

TEST(LogHistogram, HasPercentilesToTheWidthOfABucket) {
  LogHistogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.add(i * 1e-3);
  EXPECT_NEAR(histogram.mean(), 0.5005, 1e-12);
  for (const double q : {0.01, 0.1, 0.5, 0.9, 0.99, 1.0}) {
    EXPECT_NEAR(histogram.quantile(q), q, 0.002 * q + 1e-9) << q;
    EXPECT_NEAR(histogram.share_within(q), q, 0.002 * q + 1.1e-3) << q;
  }
}

TEST(LogHistogram, WeighsAndMerges) {
  LogHistogram a;
  a.add(1, 3);
  LogHistogram b;
  b.add(100, 1);
  b.add(7, 0);  // nothing
  a.add(b);
  EXPECT_EQ(a.total(), 4);
  EXPECT_EQ(a.mean(), 103.0 / 4);
  EXPECT_NEAR(a.quantile(0.75), 1, 0.002);
  EXPECT_NEAR(a.quantile(0.76), 100, 0.2);
}

TEST(LogHistogram, KeepsValuesBeyondItsEndsInTheLastBuckets) {
  LogHistogram histogram;
  histogram.add(0);
  histogram.add(-1);
  histogram.add(1e9);
  EXPECT_EQ(histogram.total(), 3);
  EXPECT_NEAR(histogram.quantile(0.5), 1e-6, 1e-7);
  EXPECT_NEAR(histogram.quantile(1), 1e6, 5e4);
  EXPECT_NEAR(histogram.share_within(1), 2.0 / 3, 1e-12);
}

// The middle of a bucket may lie below all that is in it.
TEST(LogHistogram, QuantilesStayWithinTheValues) {
  LogHistogram one;
  one.add(1.00195);  // the bucket [1, 1.00195...)
  EXPECT_DOUBLE_EQ(one.quantile(0.99), one.mean());
  LogHistogram both;
  both.add(1.0);
  both.add(one);
  EXPECT_GE(both.quantile(0), 1.0);
  EXPECT_LE(both.quantile(1), 1.00195);
}

}  // namespace
}  // namespace moesim
