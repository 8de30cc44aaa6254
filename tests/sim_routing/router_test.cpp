#include "sim/routing/router.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include <stdexcept>

namespace moesim {
namespace {

const RoutingGroup kDeepSeekV3 = routing_group({256, 8, 8, 4, GroupScore::sum_of_two_best}, 64, 8);

TEST(Router, BalancedLoadsEveryRankAlike) {
  const RoutedLoad load = make_balanced_router()->route(kDeepSeekV3);
  EXPECT_EQ(load.rank_max_over_mean, 1);
  EXPECT_EQ(load.node_max_over_mean, 1);
  EXPECT_EQ(load.nodes_per_token, expected_places({256, 8, 8, 4, GroupScore::sum_of_two_best}, 8));
  EXPECT_GT(load.ranks_per_token, load.nodes_per_token);
}

TEST(Router, StatedValuesComeThrough) {
  const RoutedLoad load = make_stated_router(1.2, 1.04)->route(kDeepSeekV3);
  EXPECT_DOUBLE_EQ(load.rank_max_over_mean, 1.2);
  EXPECT_DOUBLE_EQ(load.node_max_over_mean, 1.04);
}

TEST(Router, NodeValueIsDerivedFromIndependentRanks) {
  // 8 ranks a node: excess 0.2 / sqrt(8) = 0.0707.
  EXPECT_NEAR(make_stated_router(1.2, std::nullopt)->route(kDeepSeekV3).node_max_over_mean, 1.0707, 1e-4);
}

TEST(Router, OneNodeIsNeverFullerThanTheMean) {
  EXPECT_EQ(make_stated_router(1.2, std::nullopt)->route({8, 1, 1, 4}).node_max_over_mean, 1);
  EXPECT_EQ(make_stated_router(1.2, 1.1)->route({8, 1, 1, 4}).node_max_over_mean, 1);
}

TEST(Router, RefusesLoadsBelowTheMean) {
  EXPECT_THROW(make_stated_router(0.9, std::nullopt), std::invalid_argument);
  EXPECT_THROW(make_stated_router(1.1, 0.5), std::invalid_argument);
}

/// Loads even in (0.8, 1.2), cut at 1: (1 - 0.64) / 2 / 0.4 + 0.2 / 0.4 = 0.95 are kept.
TEST(Capacity, DropsWhatIsAbove) {
  const RoutedLoad load = with_capacity(make_stated_router(1.2, 1.04)->route(kDeepSeekV3), 1, false);
  EXPECT_NEAR(load.dropped_fraction, 0.05, 1e-12);
  EXPECT_NEAR(load.rows_over_chosen, 0.95, 1e-12);
  EXPECT_NEAR(load.rank_max_over_mean, 1 / 0.95, 1e-12);
  EXPECT_NEAR(load.node_max_over_mean, 1 + 0.04 * (1 / 0.95 - 1) / 0.2, 1e-12);
}

TEST(Capacity, PaddedEveryRankIsAlike) {
  const RoutedLoad load = with_capacity(make_stated_router(1.2, 1.04)->route(kDeepSeekV3), 1.25, true);
  EXPECT_EQ(load.dropped_fraction, 0);
  EXPECT_EQ(load.rows_over_chosen, 1.25);
  EXPECT_EQ(load.rank_max_over_mean, 1);
  EXPECT_EQ(load.node_max_over_mean, 1);
}

TEST(Capacity, BelowEveryLoadItIsWhatIsKept) {
  const RoutedLoad load = with_capacity(make_balanced_router()->route(kDeepSeekV3), 0.75, false);
  EXPECT_EQ(load.rows_over_chosen, 0.75);
  EXPECT_EQ(load.rank_max_over_mean, 1);
}

/// The mean of min(3 u^2, 1) over u in (0, 1): 1/3 sqrt(1/3) + 1 - sqrt(1/3). At 2 both spreads are the same.
TEST(Capacity, OfOneHotRank) {
  const auto kept = [](double most, double factor) {
    return with_capacity(make_stated_router(most, 1)->route(kDeepSeekV3), factor, false).kept();
  };
  EXPECT_NEAR(kept(3, 1), std::sqrt(1.0 / 3) / 3 + 1 - std::sqrt(1.0 / 3), 1e-9);
  EXPECT_NEAR(kept(2.0000001, 1), kept(2, 1), 1e-6);
  EXPECT_EQ(kept(3, 3), 1);
}

TEST(Capacity, NoneIsRefused) {
  EXPECT_THROW(with_capacity(RoutedLoad{}, 0, false), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
