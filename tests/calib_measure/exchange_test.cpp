#include "calib/measure/exchange.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "calib/measure/random_routing.hpp"

namespace moesim {
namespace {

std::uint64_t off_diagonal(const ExchangeMatrix& matrix) {
  std::uint64_t sum = 0;
  for (int s = 0; s < matrix.num_ranks(); ++s) sum += matrix.sent(s) - matrix.at(s, s);
  return sum;
}

std::vector<std::span<const int>> spans_of(const std::vector<std::vector<int>>& experts) {
  return {experts.begin(), experts.end()};
}

TEST(UniformExchange, SendsAllWithoutRemainder) {
  for (int ranks : {1, 2, 3, 8, 64}) {
    const auto matrix = uniform_exchange(ranks, 1000);
    for (int r = 0; r < ranks; ++r) {
      EXPECT_EQ(matrix.sent(r), 1000U) << ranks;
      EXPECT_LE(matrix.at(r, 0), 1000U / static_cast<unsigned>(ranks));
      EXPECT_GE(matrix.at(r, ranks - 1), 1000U / static_cast<unsigned>(ranks));
    }
  }
}

// 8 ranks of 1024 elements: the mean rank receives 1024, rank 0 twice that, the others 6144 / 7 = 877.7.
TEST(SkewedExchange, RankZeroReceivesTwiceTheMean) {
  const auto matrix = skewed_exchange(8, 1024, 2);
  EXPECT_EQ(matrix.received(0), 2048U);
  for (int r = 0; r < 8; ++r) EXPECT_EQ(matrix.sent(r), 1024U);
  for (int r = 1; r < 8; ++r) EXPECT_NEAR(static_cast<double>(matrix.received(r)), 6144.0 / 7, 8);
  EXPECT_EQ(matrix.busier_direction(0), 2048U - 256U);
  EXPECT_EQ(matrix.busier_direction(1), 1024U - matrix.at(1, 1));
}

TEST(SkewedExchange, TakesTheWholeRange) {
  EXPECT_EQ(skewed_exchange(4, 1000, 1).received(0), 1000U);
  EXPECT_EQ(skewed_exchange(4, 1000, 4).received(0), 4000U);
  EXPECT_EQ(skewed_exchange(1, 1000, 1).at(0, 0), 1000U);
  EXPECT_EQ(skewed_exchange(2, 1000, 2).received(1), 0U);
}

TEST(PeerTable, BlocksFillTheBuffersWithoutGaps) {
  const auto matrix = skewed_exchange(6, 12345, 1.7);
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  for (int r = 0; r < 6; ++r) {
    const auto table = peer_table(matrix, r);
    EXPECT_EQ(table.send_offsets.front(), 0U);
    for (std::size_t p = 0; p < 6; ++p) {
      const auto end = table.send_offsets[p] + table.send_counts[p];
      EXPECT_EQ(end, p + 1 < 6 ? table.send_offsets[p + 1] : table.send_total());
      const auto receive_end = table.receive_offsets[p] + table.receive_counts[p];
      EXPECT_EQ(receive_end, p + 1 < 6 ? table.receive_offsets[p + 1] : table.receive_total());
      EXPECT_EQ(table.send_counts[p],
                peer_table(matrix, static_cast<int>(p)).receive_counts[static_cast<std::size_t>(r)]);
    }
    sent += table.send_total();
    received += table.receive_total();
  }
  EXPECT_EQ(sent, 6U * 12345U);
  EXPECT_EQ(received, matrix.total());
}

struct TwoNodes : testing::Test {
  // 4 ranks, 2 a node, 8 experts, 2 a rank. One token of each rank with 3 experts.
  std::vector<std::vector<int>> experts{{0, 1, 2}, {5, 7, 6}, {0, 4, 5}, {7, 6, 1}};
  TwoStepExchange steps = two_step_exchange(spans_of(experts), 3, 8, 2);
};

// Rank 0: ranks 0 and 1 of its own node. Rank 1: ranks 2 and 3 of node 1, entered at its twin 3.
// Rank 2: rank 0 of node 0 (entered at its twin 0) and rank 2 itself. Rank 3: rank 3 itself and rank 0 of
// node 0, entered at its twin 1.
TEST_F(TwoNodes, ATokenCrossesToANodeOnce) {
  EXPECT_EQ(steps.between_nodes.at(1, 3), 1U);
  EXPECT_EQ(steps.between_nodes.at(2, 0), 1U);
  EXPECT_EQ(steps.between_nodes.at(3, 1), 1U);
  EXPECT_EQ(steps.between_nodes.total(), 3U);
}

TEST_F(TwoNodes, ThenGoesToEachRankThatNeedsIt) {
  EXPECT_EQ(steps.inside_nodes.at(0, 0), 2U);  // of rank 0 and of rank 2
  EXPECT_EQ(steps.inside_nodes.at(0, 1), 1U);
  EXPECT_EQ(steps.inside_nodes.at(3, 2), 1U);
  EXPECT_EQ(steps.inside_nodes.at(3, 3), 2U);  // of rank 1 and of rank 3
  EXPECT_EQ(steps.inside_nodes.at(2, 2), 1U);
  EXPECT_EQ(steps.inside_nodes.at(1, 0), 1U);
  EXPECT_EQ(steps.inside_nodes.total(), 8U);
}

// 8 nodes of 2 ranks, at most 4 nodes a token: every token crosses to its kept nodes, less its own.
TEST(TwoStepExchange, TokensAreConserved) {
  const RoutingDraw draw{256, 8, 4, 8, 0};
  std::vector<std::vector<int>> experts;
  double reached_nodes = 0;
  double reached_ranks = 0;
  for (int r = 0; r < 16; ++r) {
    experts.push_back(random_experts(draw, 200, 3, r));
    const double nodes = mean_distinct_groups(experts.back(), 8, 256, 8);
    EXPECT_LE(nodes, 4);
    reached_nodes += 200 * nodes;
    reached_ranks += 200 * mean_distinct_groups(experts.back(), 8, 256, 16);
  }
  const auto steps = two_step_exchange(spans_of(experts), 8, 256, 2);
  EXPECT_EQ(off_diagonal(steps.between_nodes), steps.between_nodes.total());
  EXPECT_DOUBLE_EQ(static_cast<double>(steps.inside_nodes.total()), reached_ranks);
  EXPECT_LT(static_cast<double>(steps.between_nodes.total()), reached_nodes);
  // By symmetry one of eight of the reached nodes is a token's own, within four deviations.
  EXPECT_NEAR(static_cast<double>(steps.between_nodes.total()) / reached_nodes, 7.0 / 8, 0.02);
  for (int s = 0; s < 16; ++s) {
    for (int d = 0; d < 16; ++d) {
      if (s / 2 == d / 2 || s % 2 != d % 2) {
        EXPECT_EQ(steps.between_nodes.at(s, d), 0U);
      }
      if (s / 2 != d / 2) {
        EXPECT_EQ(steps.inside_nodes.at(s, d), 0U);
      }
    }
  }
}

// doc/PERFORMANCE.md of nccl-tests.
TEST(BusFactor, IsThatOfNcclTests) {
  EXPECT_DOUBLE_EQ(bus_factor(TimedOperator::all_reduce, 8), 1.75);
  EXPECT_DOUBLE_EQ(bus_factor(TimedOperator::all_gather, 8), 0.875);
  EXPECT_DOUBLE_EQ(bus_factor(TimedOperator::reduce_scatter, 4), 0.75);
  EXPECT_DOUBLE_EQ(bus_factor(TimedOperator::all_to_all, 2), 0.5);
  EXPECT_DOUBLE_EQ(bus_factor(TimedOperator::all_reduce, 1), 0);
}

}  // namespace
}  // namespace moesim
