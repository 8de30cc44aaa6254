#include "sim/load/token_spread.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace moesim {
namespace {

constexpr ExpertSpread kUnlimited{256, 8, 1, 1};
constexpr ExpertSpread kDeepSeekV3{256, 8, 8, 4};

struct Row {
  int places;
  double expected;
};

class UniformSpread : public testing::TestWithParam<Row> {};

// Published expectations for 256 experts, top-8, uniform.
TEST_P(UniformSpread, MatchesPublishedTable) {
  EXPECT_NEAR(expected_places(kUnlimited, GetParam().places), GetParam().expected, 5e-4);
}

INSTANTIATE_TEST_SUITE_P(Table, UniformSpread,
                         testing::Values(Row{2, 1.993}, Row{4, 3.614}, Row{8, 5.295}, Row{16, 6.523},
                                         Row{32, 7.267}, Row{64, 7.676}, Row{128, 7.890}));

TEST(TokenSpread, NodeLimitBindsAtOneGroupPerNode) {
  // Eight choices among 4 of 8 nodes of 32 experts equal eight choices among 4 places of 128 experts.
  const ExpertSpread four_groups{128, 8, 1, 1};
  EXPECT_DOUBLE_EQ(expected_places(kDeepSeekV3, 8), expected_places(four_groups, 4));
  // Every chosen expert of a token on a rank of its own: 32 open ranks of 4 experts.
  EXPECT_DOUBLE_EQ(expected_places(kDeepSeekV3, 64), expected_places(four_groups, 32));
}

TEST(TokenSpread, SeveralGroupsOnAPlace) {
  EXPECT_DOUBLE_EQ(expected_places(kDeepSeekV3, 1), 1);
  // Two nodes hold 4 groups each; a node is missed when all 4 kept groups are on the other (1 in 70) or when
  // the kept groups on it get no choice. Keeping every group must give the unlimited value.
  const ExpertSpread all_kept{256, 8, 8, 8};
  EXPECT_NEAR(expected_places(all_kept, 2), expected_places(kUnlimited, 2), 1e-12);
  EXPECT_LT(expected_places(kDeepSeekV3, 2), expected_places(kUnlimited, 2));
  EXPECT_GT(expected_places(kDeepSeekV3, 2), 1.9);
}

TEST(TokenSpread, PlacesMustDivide) {
  EXPECT_THROW(expected_places(kUnlimited, 3), std::invalid_argument);
  EXPECT_THROW(expected_places(kUnlimited, 0), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
