// The laws of the shares that experts get.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/workloads_affinity/layer.hpp"
#include "workloads/affinity/popularity_shares.hpp"

namespace moesim {
namespace {

using namespace test;

std::vector<double> shares(PopularityLaw law, int num_experts, double sigma, double exponent,
                           double max_over_min = 1000) {
  return popularity_shares({law, sigma, exponent, max_over_min}, num_experts, kSeed, 0);
}

TEST(PopularityTest, SharesSumToOneAndDifferByLayer) {
  for (const PopularityLaw law : {PopularityLaw::lognormal, PopularityLaw::zipf, PopularityLaw::power_law}) {
    const Popularity popularity{law, 1, 1.1, 100};
    const auto one = popularity_shares(popularity, 64, kSeed, 0);
    EXPECT_EQ(one.size(), 64U);
    EXPECT_NEAR(std::accumulate(one.begin(), one.end(), 0.0), 1, 1e-12);
    EXPECT_EQ(popularity_shares(popularity, 64, kSeed, 0), one);
    EXPECT_NE(popularity_shares(popularity, 64, kSeed, 1), one);
    AffinitySpec spec;
    spec.popularity = popularity;
    EXPECT_EQ(LayerAffinities(spec, 64, kSeed, 0, nullptr).target_shares(), one);
  }
}

TEST(PopularityTest, LawsOfLogitsStateNoShares) {
  EXPECT_TRUE(shares(PopularityLaw::even, 8, 0, 0).empty());
  EXPECT_TRUE(shares(PopularityLaw::logit_normal, 8, 1, 0).empty());
}

// ln of shares: variance sigma^2 = 0.972 within 0.972 sqrt(2 / 20,000) = 0.0097.
TEST(PopularityTest, LognormalHasItsSigma) {
  std::vector<double> logs;
  for (const double share : shares(PopularityLaw::lognormal, 20000, 0.986, 0))
    logs.push_back(std::log(share));
  EXPECT_NEAR(moments_of(logs).variance, 0.972, 0.04);
}

TEST(PopularityTest, ZipfRanksTheExpertsAtRandom) {
  auto all = shares(PopularityLaw::zipf, 100, 0, 1.2);
  EXPECT_FALSE(std::is_sorted(all.rbegin(), all.rend()));
  std::sort(all.rbegin(), all.rend());
  for (std::size_t rank = 1; rank <= 100; ++rank) {
    EXPECT_NEAR(all[rank - 1] / all[0], std::pow(static_cast<double>(rank), -1.2), 1e-12);
  }
}

// The median of density x^-a on [1, M] is ((1 + M^(1-a)) / 2)^(1/(1-a)), sqrt(M) at a = 1, and the least
// share stands for x = 1 as the greatest does for M.
TEST(PopularityTest, PowerLawHasItsMedianAndRange) {
  for (const double a : {0.6, 1.0, 1.2}) {
    auto all = shares(PopularityLaw::power_law, 20001, 0, a, 100);
    std::sort(all.begin(), all.end());
    const double least = all.front();
    EXPECT_NEAR(all.back() / least, 100, 1);
    const double median = a == 1 ? 10 : std::pow((1 + std::pow(100, 1 - a)) / 2, 1 / (1 - a));
    EXPECT_NEAR(all[10000] / least / median, 1, 0.06) << a;
  }
}

TEST(PopularityTest, PowerLawIsSmoothAtExponentOne) {
  const auto at = shares(PopularityLaw::power_law, 100, 0, 1, 100);
  for (const double a : {1 - 2e-6, 1 + 2e-6}) {
    const auto near = shares(PopularityLaw::power_law, 100, 0, a, 100);
    for (std::size_t e = 0; e < 100; ++e) EXPECT_NEAR(near[e] / at[e], 1, 1e-4);
  }
}

}  // namespace
}  // namespace moesim
