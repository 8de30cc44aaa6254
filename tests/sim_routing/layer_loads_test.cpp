#include "sim/routing/layer_loads.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/routing/router.hpp"

namespace moesim {
namespace {

RoutedLoad of_rank(double rank_max_over_mean) {
  RoutedLoad load;
  load.rank_max_over_mean = rank_max_over_mean;
  return load;
}

TEST(LayerLoads, OneServesEveryLayer) {
  const LayerLoads loads = of_rank(1.2);
  EXPECT_EQ(&loads.of(0), &loads.of(57));
  EXPECT_EQ(loads.mean().rank_max_over_mean, 1.2);
  EXPECT_EQ(loads.fullest().share_of_excess, 1);
}

TEST(LayerLoads, AreTakenInTurn) {
  const LayerLoads loads({of_rank(1.1), of_rank(1.3), of_rank(1.2)});
  EXPECT_EQ(loads.of(4).rank_max_over_mean, 1.3);
  EXPECT_EQ(loads.index_of(58), 1u);
  EXPECT_EQ(&loads.fullest(), &loads.of(1));
  EXPECT_DOUBLE_EQ(loads.mean().rank_max_over_mean, 1.2);
}

/// 0.1 / 0.3 and 0.2 / 0.3 of the fullest layer's excess.
TEST(LayerLoads, ShareTheExcessOfTheFullest) {
  const LayerLoads loads({of_rank(1.1), of_rank(1.3), of_rank(1.2)});
  EXPECT_NEAR(loads.of(0).share_of_excess, 1.0 / 3, 1e-12);
  EXPECT_EQ(loads.of(1).share_of_excess, 1);
  EXPECT_NEAR(loads.of(2).share_of_excess, 2.0 / 3, 1e-12);
}

TEST(LayerLoads, OfBalancedLayersAreAlike) {
  const LayerLoads loads({of_rank(1), of_rank(1)});
  EXPECT_EQ(loads.of(0).share_of_excess, 1);
  EXPECT_EQ(loads.of(1).share_of_excess, 1);
}

TEST(LayerLoads, AreAtLeastOne) {
  EXPECT_THROW(LayerLoads(std::vector<RoutedLoad>{}), std::invalid_argument);
}

/// Three ranks of 0.5, 1 and 1.5 cut at 1: 2.5 / 3 are kept, and the fullest has 1 over that.
TEST(LayerLoads, ProfilesAreCutByACapacity) {
  RoutedLoad load = of_rank(1.5);
  load.rank_profile = {0.5, 1, 1.5};
  const RoutedLoad cut = with_capacity(LayerLoads(load), 1, false).of(0);
  EXPECT_DOUBLE_EQ(cut.dropped_fraction, 1 - 2.5 / 3);
  EXPECT_DOUBLE_EQ(cut.rank_max_over_mean, 1.2);
  EXPECT_DOUBLE_EQ(cut.rank_profile[0], 0.6);
  EXPECT_DOUBLE_EQ(cut.rank_profile[2], 1.2);
  EXPECT_EQ(with_capacity(LayerLoads(load), 1.25, true).of(0).rank_profile[2], 1);
}

/// Of ranks 1.1, 1.3 and 1.6 (p10, mean, p90) the last two are cut at 1.2, and of nodes each keeps the share
/// of its excess that the fullest rank keeps: the mean stays inside.
TEST(LayerLoads, IntervalsAreCutByACapacity) {
  RoutedLoad load = of_rank(1.3);
  load.rank_interval = {1.1, 1.6};
  load.node_max_over_mean = 1.1;
  load.node_interval = {1.05, 1.2};
  for (const bool padded : {false, true}) {
    const RoutedLoad cut = with_capacity(load, 1.2, padded);
    EXPECT_LE(cut.rank_interval.p10, cut.rank_max_over_mean);
    EXPECT_LE(cut.rank_max_over_mean, cut.rank_interval.p90);
    EXPECT_LE(cut.node_interval.p10, cut.node_max_over_mean);
    EXPECT_LE(cut.node_max_over_mean, cut.node_interval.p90);
  }
  const RoutedLoad cut = with_capacity(load, 1.2, false);
  EXPECT_DOUBLE_EQ(cut.rank_interval.p10, 1.1 / cut.kept());
  EXPECT_DOUBLE_EQ(cut.rank_interval.p90, 1.2 / cut.kept());
  const double left = (cut.rank_max_over_mean - 1) / 0.3;
  EXPECT_DOUBLE_EQ(cut.node_interval.p90, 1 + 0.2 * left);
  EXPECT_EQ(with_capacity(load, 1.2, true).rank_interval.p90, 1);
}

}  // namespace
}  // namespace moesim
