#include "sim/training/gpu_spread.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {
namespace {

TEST(GpuSpread, NoSigmaIsNominal) {
  EXPECT_EQ(drawn_slowdowns(4, 0, 1), std::vector<double>(4, 1.0));
  EXPECT_EQ(representative_slowdowns(4, 64, 0, 1), std::vector<double>(4, 1.0));
}

TEST(GpuSpread, DrawsHaveTheStatedMeanAndSigma) {
  const std::vector<double> drawn = drawn_slowdowns(100'000, 0.015, 7);
  const double m = mean(drawn);
  double variance = 0;
  for (const double x : drawn) variance += (x - m) * (x - m) / static_cast<double>(drawn.size());
  // Standard errors: 0.015 / sqrt(1e5) = 5e-5 of the mean, 3.4e-5 of sigma.
  EXPECT_NEAR(m, 1, 2e-4);
  EXPECT_NEAR(std::sqrt(variance), 0.015, 1.5e-4);
}

TEST(GpuSpread, AGpuKeepsItsDraw) {
  EXPECT_EQ(drawn_slowdowns(10, 0.02, 3)[4], drawn_slowdowns(2048, 0.02, 3)[4]);
  EXPECT_NE(drawn_slowdowns(10, 0.02, 3)[4], drawn_slowdowns(10, 0.02, 4)[4]);
}

TEST(GpuSpread, ARankIsAsSlowAsTheSlowestOfItsGroup) {
  // Median of the maximum of 64 normals: quantile 0.5^(1/64) = 0.98923, z = 2.298.
  EXPECT_NEAR(representative_slowdowns(1, 64, 0.015, 1)[0], 1 + 0.015 * 2.298, 2e-5);
}

TEST(GpuSpread, TheSlowestRankFollowsTheWholePipeline) {
  // 16 maxima of 128 against the expected maximum of all 2048, 3.43 sigma, within 0.1 sigma.
  const std::vector<double> ranks = representative_slowdowns(16, 128, 0.015, 5);
  EXPECT_NEAR(*std::max_element(ranks.begin(), ranks.end()), 1 + 0.015 * expected_max_of_normals(2048),
              0.0015);
}

}  // namespace
}  // namespace moesim
