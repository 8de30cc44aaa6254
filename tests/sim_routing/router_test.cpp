#include "sim/routing/router.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace moesim
