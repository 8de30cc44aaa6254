#include "calib/measure/random_routing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace moesim {
namespace {

// Published expectations for 256 experts, top 8, uniform.
TEST(ExpectedDistinctGroups, MatchesTheKnownFigures) {
  EXPECT_NEAR(expected_distinct_groups(256, 8, 2), 1.993, 5e-4);
  EXPECT_NEAR(expected_distinct_groups(256, 8, 4), 3.614, 5e-4);
  EXPECT_NEAR(expected_distinct_groups(256, 8, 8), 5.295, 5e-4);
  EXPECT_NEAR(expected_distinct_groups(256, 8, 16), 6.523, 5e-4);
  EXPECT_NEAR(expected_distinct_groups(256, 8, 64), 7.676, 5e-4);
  EXPECT_DOUBLE_EQ(expected_distinct_groups(256, 8, 1), 1);
  EXPECT_NEAR(expected_distinct_groups(256, 8, 256), 8, 1e-9);
}

// The number of groups of one token has a deviation of about 0.85, so the mean of 20,000 lies within
// 5 x 0.85 / sqrt(20000) = 0.03.
TEST(RandomExperts, UniformDrawsReachTheExpectedGroups) {
  const RoutingDraw draw{256, 1, 1, 8, 0};
  const auto experts = random_experts(draw, 20000, 7, 0);
  for (int groups : {2, 4, 8, 16, 64})
    EXPECT_NEAR(mean_distinct_groups(experts, 8, 256, groups), expected_distinct_groups(256, 8, groups),
                0.03);
}

TEST(RandomExperts, AreDistinctAndInRange) {
  const RoutingDraw draw{64, 1, 1, 6, 1.2};
  const auto experts = random_experts(draw, 500, 1, 3);
  ASSERT_EQ(experts.size(), 3000U);
  for (std::size_t t = 0; t < 500; ++t) {
    const std::set<int> own(experts.begin() + static_cast<std::ptrdiff_t>(6 * t),
                            experts.begin() + static_cast<std::ptrdiff_t>(6 * t + 6));
    EXPECT_EQ(own.size(), 6U);
    EXPECT_GE(*own.begin(), 0);
    EXPECT_LT(*own.rbegin(), 64);
  }
}

TEST(RandomExperts, StayInTheKeptGroups) {
  const RoutingDraw draw{256, 8, 4, 8, 0};
  const auto experts = random_experts(draw, 2000, 5, 0);
  for (std::size_t t = 0; t < 2000; ++t) {
    std::set<int> groups;
    for (std::size_t j = 0; j < 8; ++j) groups.insert(experts[8 * t + j] / 32);
    EXPECT_LE(groups.size(), 4U);
  }
  EXPECT_GT(mean_distinct_groups(experts, 8, 256, 8), 3.5);
}

TEST(RandomExperts, APowerLawSkewsTheLoad) {
  const auto max_over_mean = [](double exponent) {
    const auto counts = tokens_per_expert(random_experts({256, 1, 1, 8, exponent}, 8000, 2, 0), 256);
    return *std::max_element(counts.begin(), counts.end()) * 256.0 / (8000 * 8);
  };
  EXPECT_LT(max_over_mean(0), 1.3);  // 250 a expert, deviation 15.5
  EXPECT_GT(max_over_mean(0.6), 2);
  EXPECT_GT(max_over_mean(1.2), max_over_mean(0.6));
}

TEST(RandomExperts, DependOnSeedAndRankAlone) {
  const RoutingDraw draw{64, 1, 1, 6, 0};
  EXPECT_EQ(random_experts(draw, 50, 1, 0), random_experts(draw, 50, 1, 0));
  EXPECT_NE(random_experts(draw, 50, 1, 0), random_experts(draw, 50, 1, 1));
  EXPECT_NE(random_experts(draw, 50, 1, 0), random_experts(draw, 50, 2, 0));
}

TEST(TokensPerRank, CountATokenOnce) {
  const std::vector<int> experts{0, 1, 4, 5, 6, 7};  // two tokens, 8 experts on 4 ranks
  EXPECT_EQ(tokens_per_rank(experts, 3, 8, 4), (std::vector<int>{1, 0, 2, 1}));
  EXPECT_EQ(tokens_per_expert(experts, 8), (std::vector<int>{1, 1, 0, 0, 1, 1, 1, 1}));
}

TEST(RoutingCache, GivesWhatADrawOfItsOwnWould) {
  RoutingCache cache;
  const RoutingDraw uniform{64, 1, 1, 4, 0};
  const RoutingDraw limited{64, 8, 4, 4, 0.8};
  for (const RoutingDraw& draw : {uniform, limited}) {
    for (const int tokens : {20, 50, 5, 50}) {  // longer, shorter, again
      for (const int rank : {0, 3}) {
        const auto cached = cache.experts(draw, tokens, 7, rank);
        EXPECT_EQ(std::vector<int>(cached.begin(), cached.end()), random_experts(draw, tokens, 7, rank));
      }
    }
  }
  const auto other = cache.experts(uniform, 5, 8, 0);
  EXPECT_EQ(std::vector<int>(other.begin(), other.end()), random_experts(uniform, 5, 8, 0));
}

}  // namespace
}  // namespace moesim
