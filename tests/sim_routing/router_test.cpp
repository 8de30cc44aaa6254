#include "sim/routing/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace moesim {
namespace {

const RoutingGroup kDeepSeekV3{{256, 8, 8, 4}, 64, 8};

TEST(Router, BalancedLoadsEveryRankAlike) {
  const RoutedLoad load = make_balanced_router()->route(kDeepSeekV3);
  EXPECT_EQ(load.rank_max_over_mean, 1);
  EXPECT_EQ(load.node_max_over_mean, 1);
  // 4 x (1 - C(96, 8) / C(128, 8)) = 3.6290: four open nodes of 32 experts.
  EXPECT_NEAR(load.nodes_per_token, 3.6290, 5e-4);
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

TEST(Router, RefusesLoadsBelowTheMean) {
  EXPECT_THROW(make_stated_router(0.9, std::nullopt), std::invalid_argument);
  EXPECT_THROW(make_stated_router(1.1, 0.5), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
