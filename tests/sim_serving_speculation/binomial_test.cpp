#include "sim/serving/speculation/binomial.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

namespace moesim {
namespace {

struct Case {
  std::int64_t trials;
  double p;
};

class Binomial : public testing::TestWithParam<Case> {};

TEST_P(Binomial, HasItsMeanAndVariance) {
  const auto [trials, p] = GetParam();
  constexpr int kDraws = 40000;
  double sum = 0;
  double square = 0;
  for (int i = 0; i < kDraws; ++i) {
    RandomStream stream(3, 1, static_cast<std::uint64_t>(i));
    const std::int64_t drawn = draw_binomial(trials, p, stream);
    ASSERT_GE(drawn, 0);
    ASSERT_LE(drawn, trials);
    sum += static_cast<double>(drawn);
    square += static_cast<double>(drawn) * static_cast<double>(drawn);
  }
  const double expected = static_cast<double>(trials) * p;
  const double variance = expected * (1 - p);
  const double mean = sum / kDraws;
  // Five standard errors: sqrt(variance / draws), and about sqrt(2 / draws) of the variance; small means are
  // more peaked (kurtosis 1 / variance).
  EXPECT_NEAR(mean, expected, 5 * std::sqrt(variance / kDraws));
  EXPECT_NEAR(square / kDraws - mean * mean, variance,
              5 * variance * std::sqrt((2 + 1 / variance) / kDraws) + 1.0 / 12);
}

INSTANTIATE_TEST_SUITE_P(Grid, Binomial,
                         testing::Values(Case{1, 0.3}, Case{10, 0.5}, Case{40, 0.999}, Case{1000, 0.001},
                                         Case{1000, 0.85}, Case{100, 0.49}, Case{5000, 0.6},
                                         Case{1000000, 0.00001}));

TEST(Binomial, IsCertainAtBothEnds) {
  RandomStream stream(1, 2);
  EXPECT_EQ(draw_binomial(7, 0, stream), 0);
  EXPECT_EQ(draw_binomial(7, 1, stream), 7);
  EXPECT_EQ(draw_binomial(0, 0.5, stream), 0);
}

}  // namespace
}  // namespace moesim
