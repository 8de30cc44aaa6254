#include "calib/measure/token_layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "calib/measure/random_routing.hpp"

namespace moesim {
namespace {

// Two tokens of three experts each: expert 0 takes one copy, 2 takes two, 3 takes three... rows start at
// multiples of 4.
TEST(LayoutByExpert, BlocksAreAlignedAndKeepTheOrderOfTokens) {
  const std::vector<int> experts{2, 0, 3, 3, 2, 1};
  const auto layout = layout_by_expert(experts, 4, 4);
  EXPECT_EQ(layout.counts, (std::vector<int>{1, 1, 2, 2}));
  EXPECT_EQ(layout.offsets, (std::vector<int>{0, 4, 8, 12, 16}));
  EXPECT_EQ(layout.position, (std::vector<int>{8, 0, 12, 13, 9, 4}));
}

TEST(LayoutByExpert, EveryCopyHasARowOfItsExpert) {
  const auto experts = random_experts({256, 1, 1, 8, 1.0}, 3000, 11, 0);
  const auto layout = layout_by_expert(experts, 256, 128);
  EXPECT_EQ(std::accumulate(layout.counts.begin(), layout.counts.end(), 0), 24000);
  std::set<int> rows(layout.position.begin(), layout.position.end());
  EXPECT_EQ(rows.size(), 24000U);
  for (std::size_t i = 0; i < experts.size(); ++i) {
    const auto e = static_cast<std::size_t>(experts[i]);
    EXPECT_GE(layout.position[i], layout.offsets[e]);
    EXPECT_LT(layout.position[i], layout.offsets[e] + layout.counts[e]);
  }
  for (int offset : layout.offsets) EXPECT_EQ(offset % 128, 0);
}

struct Modes : testing::TestWithParam<int> {
  static constexpr int kTokens = 300;
  static constexpr int kExperts = 64;
  int num_ranks = GetParam();
  std::vector<int> experts_of(int source) const {
    return random_experts({kExperts, 1, 1, 8, 0.8}, kTokens, 21, source);
  }
};

TEST_P(Modes, NormalSendsATokenOnceToEachRank) {
  std::vector<std::set<int>> used(static_cast<std::size_t>(num_ranks));
  std::size_t copies = 0;
  for (int source = 0; source < num_ranks; ++source) {
    const auto experts = experts_of(source);
    const auto result = targets_by_rank(experts, 8, kExperts, num_ranks, source);
    EXPECT_EQ(result.rows_to, tokens_per_rank(experts, 8, kExperts, num_ranks));
    for (std::size_t i = 0; i < result.targets.size(); ++i) {
      const auto target = result.targets[i];
      if (target.rank < 0) {
        EXPECT_NE(i % 8, 0U);
        continue;
      }
      if (i % 8 > 0) {
        EXPECT_GE(result.targets[i - 1].rank, 0) << "a gap";
      }
      EXPECT_LT(target.row, num_ranks * kTokens);
      EXPECT_EQ(target.row / kTokens, source);
      EXPECT_LT(target.row % kTokens, result.rows_to[static_cast<std::size_t>(target.rank)]);
      used[static_cast<std::size_t>(target.rank)].insert(target.row);
      ++copies;
    }
  }
  std::size_t rows = 0;
  for (const auto& set : used) rows += set.size();
  EXPECT_EQ(rows, copies) << "two copies share a row";
}

TEST_P(Modes, LowLatencySendsATokenToEachExpert) {
  std::vector<std::set<int>> used(static_cast<std::size_t>(num_ranks));
  const int per_rank = kExperts / num_ranks;
  for (int source = 0; source < num_ranks; ++source) {
    const auto experts = experts_of(source);
    const auto result = targets_by_expert(experts, 8, kExperts, num_ranks, source);
    EXPECT_EQ(std::accumulate(result.rows_to.begin(), result.rows_to.end(), 0), 8 * kTokens);
    for (std::size_t i = 0; i < experts.size(); ++i) {
      const auto target = result.targets[i];
      EXPECT_EQ(target.rank, experts[i] / per_rank);
      EXPECT_EQ(target.row / (num_ranks * kTokens), experts[i] % per_rank);
      EXPECT_EQ(target.row / kTokens % num_ranks, source);
      used[static_cast<std::size_t>(target.rank)].insert(target.row);
    }
  }
  std::size_t rows = 0;
  for (const auto& set : used) rows += set.size();
  EXPECT_EQ(rows, static_cast<std::size_t>(8 * kTokens * num_ranks));
}

INSTANTIATE_TEST_SUITE_P(TokenLayout, Modes, testing::Values(1, 2, 8, 16));

}  // namespace
}  // namespace moesim
