#include "calib/measure/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

TEST(Quantile, IsLinearBetweenNeighbours) {
  const std::vector<double> sorted{10, 20, 30, 50};
  EXPECT_EQ(quantile(sorted, 0), 10);
  EXPECT_EQ(quantile(sorted, 1), 50);
  EXPECT_EQ(quantile(sorted, 0.5), 25);         // place 1.5 of 0 to 3
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.9), 44);  // place 2.7: 30 + 0.7 * 20
}

TEST(SampleSummary, DoesNotDependOnOrder) {
  const SampleSummary summary = summary_of(std::vector<double>{5, 1, 4, 2, 3});
  EXPECT_EQ(summary.num_samples, 5U);
  EXPECT_EQ(summary.median, 3);
  EXPECT_DOUBLE_EQ(summary.p10, 1.4);
  EXPECT_DOUBLE_EQ(summary.p90, 4.6);
}

TEST(SampleSummary, OneSampleHasNoError) {
  EXPECT_TRUE(std::isinf(summary_of(std::vector<double>{7}).median_error));
  EXPECT_THROW(summary_of({}), RunError);
}

TEST(SampleSummary, EqualSamplesHaveErrorZero) {
  EXPECT_EQ(summary_of(std::vector<double>(10, 3.0)).median_error, 0);
}

// The median of n normal numbers has the standard error sqrt(pi / 2) sigma / sqrt(n) (Kenney and Keeping
// 1962). Here sigma = 1 around 10, n = 100: 0.01253 of the median.
TEST(SampleSummary, TheErrorIsThatOfTheMedianOfNormalNumbers) {
  RandomStream random(1, stream_of("statistics_test"));
  double mean_error = 0;
  constexpr int kRuns = 400;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> samples;
    for (int i = 0; i < 100; ++i) samples.push_back(10 + random.normal());
    mean_error += summary_of(samples).median_error / kRuns;
  }
  EXPECT_NEAR(mean_error, 0.01253, 0.001);
}

}  // namespace
}  // namespace moesim
