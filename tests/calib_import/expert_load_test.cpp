// What benchmarks of experts ask of the GPU that they time.
#include "calib/import/expert_load.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace moesim {
namespace {

std::int64_t sum(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

struct PowerLawCase {
  LoadRule rule;
  double alpha;
};
class PowerLaw : public testing::TestWithParam<PowerLawCase> {};

// Every token chooses top_k experts, each at most once, and the first block has the most rows.
TEST_P(PowerLaw, KeepsRowsAndPutsTheFullestGpuFirst) {
  const auto& [rule, alpha] = GetParam();
  const auto block = rule.experts / rule.ep;
  for (std::uint64_t draw = 0; draw < 4; ++draw) {
    const auto counts = draw_power_law(rule, alpha, draw);
    ASSERT_EQ(counts.size(), static_cast<std::size_t>(rule.experts));
    EXPECT_EQ(sum(counts), rule.tokens * rule.top_k);
    EXPECT_LE(*std::max_element(counts.begin(), counts.end()), rule.tokens);
    EXPECT_GE(*std::min_element(counts.begin(), counts.end()), 0);
    const auto rows_of = [&](std::int64_t gpu) {
      return std::accumulate(counts.begin() + gpu * block, counts.begin() + (gpu + 1) * block,
                             std::int64_t{0});
    };
    for (std::int64_t gpu = 1; gpu < rule.ep; ++gpu) EXPECT_LE(rows_of(gpu), rows_of(0));
  }
}

INSTANTIATE_TEST_SUITE_P(All, PowerLaw,
                         testing::Values(PowerLawCase{{4096, 256, 8, 32}, 1.01},
                                         PowerLawCase{{4, 256, 8, 4}, 0.6}, PowerLawCase{{64, 8, 2, 1}, 1.2},
                                         PowerLawCase{{2048, 16, 1, 8}, 1.2},
                                         PowerLawCase{{16384, 512, 10, 1}, 1.0}));

// The weights of alpha 0 are uniform from 1 to 0.8 x 1000: of 256 experts each has 31.25 rows in the mean and
// the fullest at most twice as many.
TEST(PowerLawLoad, FollowsItsExponent) {
  const LoadRule rule{1000, 256, 8, 1};
  const auto flat = power_law_load(rule, 0);
  EXPECT_DOUBLE_EQ(flat.rows, 8000);
  EXPECT_NEAR(flat.max_rows, 62, 4);
  const auto steep = power_law_load(rule, 1.2);
  EXPECT_GT(steep.max_rows, 3 * flat.max_rows);
  EXPECT_LT(steep.touched, flat.touched);
  EXPECT_EQ(power_law_load(rule, 1.2).touched, steep.touched);  // the same draws again
}

// 256 experts, top-8, stride 32: 4 tokens sit 8 apart and touch 32; 64 tokens touch each expert twice.
TEST(BalancedLoad, SpreadsTokensOverTheStride) {
  const auto few = balanced_load({4, 256, 8, 1});
  EXPECT_EQ(few.touched, 32);
  EXPECT_EQ(few.max_rows, 1);
  const auto many = balanced_load({64, 256, 8, 1});
  EXPECT_EQ(many.touched, 256);
  EXPECT_EQ(many.rows, 512);
  EXPECT_EQ(many.max_rows, 2);
}

// A balanced token has one expert in each of 8 groups; groups 0 to 3 stay. The 4 rows that are cut off go to
// experts 0, 1, ... that it has not chosen: 1 token (choices 0, 32, 64, 96) touches these and 1 to 4; from 32
// tokens on 128 experts have rows, and expert 0 has one of every token.
TEST(GroupLimitedLoad, TouchesHalfOfTheExperts) {
  const auto one = group_limited_load({1, 256, 8, 1}, 0);
  EXPECT_EQ(one.touched, 8);
  EXPECT_EQ(one.max_rows, 1);
  for (const std::int64_t tokens : {32, 1024}) {
    const auto load = group_limited_load({tokens, 256, 8, 1}, 0);
    EXPECT_EQ(load.touched, 128);
    EXPECT_EQ(load.rows, static_cast<double>(8 * tokens));
    EXPECT_EQ(load.max_rows, static_cast<double>(tokens));
  }
}

TEST(GroupLimitedLoad, KeepsTheRowsOfAPowerLaw) {
  const auto load = group_limited_load({512, 256, 8, 1}, 1.2);
  EXPECT_DOUBLE_EQ(load.rows, 4096);
  EXPECT_GT(load.touched, 128);
}

}  // namespace
}  // namespace moesim
