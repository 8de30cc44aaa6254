#include "base/math.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <tuple>

namespace moesim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Distance from the exact value in units of the last place of the double nearest to it.
double ulps(double value, long double exact) {
  const double rounded = std::abs(static_cast<double>(exact));
  const long double ulp = std::nextafter(rounded, kInfinity) - rounded;
  return static_cast<double>(std::abs(value - exact) / ulp);
}

TEST(ExpDet, IsWithinTwoUlpOfLongDouble) {
  double worst = 0;
  for (int i = 0; i < 400000; ++i) {
    const double x = -708.0 + i * (1417.5 / 400000) + 1e-5 * (i % 977);
    worst = std::max(worst, ulps(exp_det(x), std::exp(static_cast<long double>(x))));
    const double small = (i - 200000) * 5.1e-6;
    worst = std::max(worst, ulps(exp_det(small), std::exp(static_cast<long double>(small))));
  }
  EXPECT_LE(worst, 2.0);
}

TEST(ExpDet, HasTheEdgesOfExp) {
  EXPECT_EQ(exp_det(0), 1.0);
  EXPECT_EQ(exp_det(-0.0), 1.0);
  EXPECT_EQ(exp_det(710), kInfinity);
  EXPECT_EQ(exp_det(kInfinity), kInfinity);
  EXPECT_EQ(exp_det(-746), 0.0);
  EXPECT_EQ(exp_det(-kInfinity), 0.0);
  EXPECT_TRUE(std::isnan(exp_det(NAN)));
  EXPECT_TRUE(std::isfinite(exp_det(709.782712893384)));
  EXPECT_NEAR(exp_det(-740) / std::exp(-740.0), 1.0, 1e-3);  // subnormal: 11 bits are left
  EXPECT_EQ(exp_det(1e-300), 1.0);
}

TEST(LogDet, IsWithinTwoUlpOfLongDouble) {
  double worst = 0;
  for (int i = 1; i < 400000; ++i) {
    const double near_one = 0.5 + i * 4.0e-6 + 1e-9 * (i % 131);
    worst = std::max(worst, ulps(log_det(near_one), std::log(static_cast<long double>(near_one))));
    const double wide = std::ldexp(1.0 + (i % 1009) / 1009.0, i % 2090 - 1060);
    worst = std::max(worst, ulps(log_det(wide), std::log(static_cast<long double>(wide))));
  }
  EXPECT_LE(worst, 2.0);
}

TEST(LogDet, HasTheEdgesOfLog) {
  EXPECT_EQ(log_det(1), 0.0);
  EXPECT_EQ(log_det(0), -kInfinity);
  EXPECT_EQ(log_det(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(log_det(-1)));
  EXPECT_TRUE(std::isnan(log_det(NAN)));
  EXPECT_LE(ulps(log_det(5e-324), std::log(static_cast<long double>(5e-324))), 2.0);
}

TEST(NormalCdf, AgreesWithErfc) {
  for (double x = -37; x < 8.2; x += 0.0173) {
    const double exact = 0.5 * std::erfc(-x * std::numbers::sqrt2 / 2);
    EXPECT_NEAR(normal_cdf(x) / exact, 1.0, 5e-13)
        << x;  // the rounding of x/sqrt(2) in erfc grows as x^2 ulp
  }
}

TEST(NormalQuantile, InvertsTheDistribution) {
  EXPECT_EQ(normal_quantile(0.5), 0.0);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_NEAR(normal_quantile(0.25), -0.6744897501960817, 1e-15);  // test value of AS 241
  EXPECT_NEAR(normal_quantile(1e-20), -9.262340089798408, 1e-14);  // test value of AS 241
  EXPECT_EQ(normal_quantile(0), -kInfinity);
  EXPECT_EQ(normal_quantile(1), kInfinity);
  EXPECT_TRUE(std::isnan(normal_quantile(1.5)));
  for (double p = 1e-300; p < 0.5; p *= 1.9) EXPECT_NEAR(normal_cdf(normal_quantile(p)) / p, 1.0, 1e-12) << p;
}

class ExpectedMax : public ::testing::TestWithParam<std::tuple<std::int64_t, double>> {};

TEST_P(ExpectedMax, MatchesTheIntegral) {
  const auto [n, expected] = GetParam();
  EXPECT_NEAR(expected_max_of_normals(n), expected, 1e-9);
}

// n = 2: 1/sqrt(pi); 3: 3/(2 sqrt(pi)); the others by n * integral of x * density * cdf^(n-1) in 30 digits.
INSTANTIATE_TEST_SUITE_P(Math, ExpectedMax,
                         ::testing::Values(std::tuple{1, 0.0}, std::tuple{2, 0.56418958354775628},
                                           std::tuple{3, 0.84628437532163443},
                                           std::tuple{4, 1.0293753730039641},
                                           std::tuple{64, 2.3437334650794399},
                                           std::tuple{128, 2.5945973685994667},
                                           std::tuple{1000000, 4.8628974861964627}));

TEST(ExpectedOrderStatistics, AreAntisymmetricRisingAndEndAtTheMaximum) {
  for (std::int64_t n : {1, 2, 5, 64, 257}) {
    const auto expected = expected_order_statistics(n);
    EXPECT_TRUE(std::ranges::is_sorted(expected));
    EXPECT_EQ(expected.back(), expected_max_of_normals(n));
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_EQ(expected[i], -expected[expected.size() - 1 - i]);
  }
  EXPECT_NEAR(expected_order_statistics(5)[3], 0.4950189704577, 1e-10);  // Harter 1961, table 1: 0.49502
  EXPECT_THROW((void)expected_order_statistics(0), std::invalid_argument);
  EXPECT_THROW((void)expected_max_of_normals(0), std::invalid_argument);
}

TEST(ExpectedOrderStatistics, SquaresOfAllPairMomentsStayBelowN) {
  // Sum of E[X_(i)]^2 < sum of E[X_(i)^2] = n, and close to it for many.
  const auto expected = expected_order_statistics(1024);
  const double sum = std::inner_product(expected.begin(), expected.end(), expected.begin(), 0.0);
  EXPECT_LT(sum, 1024);
  EXPECT_GT(sum, 1015);
}

TEST(SumFixedOrder, IsExactWhereASimpleSumLoses) {
  const std::vector<double> tenth(1 << 20, 0.1);
  EXPECT_NEAR(sum_fixed_order(tenth), 104857.6, 1e-9);
  EXPECT_EQ(sum_fixed_order({}), 0.0);
  EXPECT_EQ(mean(std::vector<double>{1, 2, 6}), 3.0);
  EXPECT_THROW((void)mean({}), std::invalid_argument);
}

TEST(Percentile, IsLinearBetweenNeighbours) {
  const std::vector<double> values = {40, 10, 30, 20};
  EXPECT_EQ(percentile(values, 0), 10);
  EXPECT_EQ(percentile(values, 100), 40);
  EXPECT_EQ(median(values), 25);                 // position 1.5
  EXPECT_DOUBLE_EQ(percentile(values, 90), 37);  // position 2.7
  EXPECT_EQ(percentile(std::vector<double>{7}, 90), 7);
  EXPECT_THROW((void)percentile({}, 50), std::invalid_argument);
  EXPECT_THROW((void)percentile(values, 101), std::invalid_argument);
  EXPECT_THROW((void)percentile(values, NAN), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
