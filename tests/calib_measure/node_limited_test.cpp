#include "calib/measure/node_limited.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

/// 8 nodes of 2 ranks, at most 4 nodes a token.
NodeLimitedShape shape_of(double tokens) {
  NodeLimitedShape shape;
  shape.num_ranks = 16;
  shape.ranks_per_node = 2;
  shape.row_bytes = 1000;
  shape.sent_bytes = 1000 * tokens;
  return shape;
}

// What a rank sends to other nodes is what the case says, not what it says times the nodes that a token
// reaches (about 3.3 others here). A draw of some thousand tokens lies within 2 %.
TEST(NodeLimitedExchange, SendsTheBytesOfTheCaseToOtherNodes) {
  RoutingCache cache;
  for (const double rows : {4000.0, 20000.0, 40000.0}) {
    const auto steps = node_limited_exchange(shape_of(rows), 3, cache);
    EXPECT_NEAR(static_cast<double>(steps.between_nodes.total()) / 16, rows, 0.02 * rows);
    EXPECT_GT(steps.inside_nodes.total(), steps.between_nodes.total()) << "and to more ranks than nodes";
  }
}

TEST(NodeLimitedExchange, BeyondWhatIsDrawnItIsScaled) {
  RoutingCache cache;
  NodeLimitedShape shape = shape_of(0);
  shape.num_ranks = 4;
  shape.experts = 32;
  shape.sent_bytes = 1000 * 8.0 * kMostDrawnTokens;
  const auto steps = node_limited_exchange(shape, 3, cache);
  EXPECT_NEAR(static_cast<double>(steps.between_nodes.total()) / 4, 8.0 * kMostDrawnTokens,
              0.02 * 8 * kMostDrawnTokens);
  for (int s = 0; s < 4; ++s) EXPECT_EQ(steps.between_nodes.at(s, s), 0U);
}

TEST(NodeLimitedExchange, SendsATokenAtLeastAndWorksOnOneNode) {
  RoutingCache cache;
  EXPECT_GT(node_limited_exchange(shape_of(0.1), 3, cache).inside_nodes.total(), 0U);
  NodeLimitedShape one = shape_of(100);
  one.num_ranks = 2;
  const auto steps = node_limited_exchange(one, 3, cache);
  EXPECT_EQ(steps.between_nodes.total(), 0U);
  EXPECT_GT(steps.inside_nodes.total(), 0U);
}

TEST(ScaledExchange, MultipliesEveryCount) {
  TwoStepExchange steps{ExchangeMatrix(2), ExchangeMatrix(2)};
  steps.between_nodes.at(0, 1) = 3;
  steps.inside_nodes.at(1, 1) = 5;
  const auto more = scaled(steps, 2.5);
  EXPECT_EQ(more.between_nodes.at(0, 1), 8U);
  EXPECT_EQ(more.inside_nodes.at(1, 1), 13U);  // 12.5 away from zero
  EXPECT_EQ(more.between_nodes.at(1, 0), 0U);
}

}  // namespace
}  // namespace moesim
