#include "sim/serving/batching/log_histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>

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

TEST(LogHistogram, BinsHoldTheWeightBetweenTheirEdges) {
  LogHistogram histogram;
  EXPECT_TRUE(histogram.bins().edge.empty());
  for (const double value : {0.5, 0.5, 0.5009, 2.0, 2.0, 2.0, 1e-9}) histogram.add(value);
  const LogHistogram::Bins bins = histogram.bins();
  // Buckets of 1/1024 from 0.5: 0.5009 shares the first one. 2 is the greatest value, its bucket ends there.
  EXPECT_EQ(bins.edge, (std::vector<double>{1e-9, 0x1p-20 * (1 + 0x1p-9), 0.5, 0.5 + 0x1p-10, 2, 2}));
  EXPECT_EQ(bins.weight, (std::vector<double>{0, 1, 0, 3, 0, 3}));
}

TEST(LogHistogram, BinsAscendAndAgreeWithTheShares) {
  LogHistogram histogram;
  for (int i = 1; i <= 5000; ++i) histogram.add(1e-4 * i * i, 1 + i % 3);
  const LogHistogram::Bins bins = histogram.bins();
  ASSERT_EQ(bins.edge.size(), bins.weight.size());
  EXPECT_EQ(bins.edge.front(), 1e-4);
  EXPECT_EQ(bins.edge.back(), 1e-4 * 5000 * 5000);
  double sum = 0;
  for (std::size_t i = 0; i < bins.edge.size(); ++i) {
    sum += bins.weight[i];
    if (i == 0) continue;
    EXPECT_LE(bins.edge[i - 1], bins.edge[i]);
    const double inside = 0.5 * (bins.edge[i - 1] + bins.edge[i]);
    if (bins.weight[i] > 0) {
      EXPECT_NEAR(histogram.share_within(inside), sum / histogram.total(), 1e-12);
    }
  }
  EXPECT_NEAR(sum, histogram.total(), 1e-9);
}

TEST(LogHistogram, IsUsedAgainAfterClear) {
  LogHistogram histogram;
  for (const double value : {1e-3, 0.1, 50.0}) histogram.add(value);
  histogram.clear();
  EXPECT_EQ(histogram.total(), 0);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  histogram.add(0.1);
  histogram.add(std::nan(""));  // nothing
  EXPECT_EQ(histogram.total(), 1);
  EXPECT_DOUBLE_EQ(histogram.quantile(0.01), 0.1);
  EXPECT_DOUBLE_EQ(histogram.quantile(0.99), 0.1);
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
