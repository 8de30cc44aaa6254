#include "sim/load/token_spread.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace moesim {
namespace {

constexpr ExpertSpread kUnlimited{256, 8, 1, 1};

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

// Top-8 among 4 kept groups of 8, all of 32 experts. Groups kept blindly would hold a choice in 3.629 of 4
// cases, 4 x (1 - C(96, 8) / C(128, 8)); picked by their best expert, a kept group goes without only where
// eight experts of three other groups beat it.
TEST(TokenSpread, KeptGroupsAreRarelyWithoutAChoice) {
  for (const GroupScore score : {GroupScore::best, GroupScore::sum_of_two_best}) {
    const ExpertSpread gate{256, 8, 8, 4, score};
    const double nodes = expected_places(gate, 8);
    EXPECT_GT(nodes, 3.9);
    EXPECT_LT(nodes, 4);
    EXPECT_EQ(nodes, expected_places(gate, 8));  // always the same tokens
    EXPECT_EQ(expected_places(gate, 1), 1);
    EXPECT_LE(expected_places(gate, 2), 2);
    EXPECT_GT(expected_places(gate, 64), nodes);
    EXPECT_LT(expected_places(gate, 64), 8);
  }
}

// One group of two experts kept out of two: both choices fall into it, the better group of the two.
TEST(TokenSpread, SmallGateByHand) {
  const ExpertSpread gate{4, 2, 2, 1, GroupScore::best};
  EXPECT_EQ(expected_places(gate, 2), 1);
  EXPECT_EQ(expected_places(gate, 4), 2);
}

TEST(TokenSpread, KeepingEveryGroupIsNoLimit) {
  const ExpertSpread all_kept{256, 8, 8, 8, GroupScore::best};
  EXPECT_DOUBLE_EQ(expected_places(all_kept, 32), expected_places(kUnlimited, 32));
}

// 10 experts in 3 places hold 4, 3 and 3; one choice falls into exactly one place, two choices miss a place
// of b with probability (10 - b)(9 - b) / 90.
TEST(TokenSpread, PlacesNeedNotDivide) {
  EXPECT_DOUBLE_EQ(expected_places({10, 1, 1, 1}, 3), 1);
  EXPECT_NEAR(expected_places({10, 2, 1, 1}, 3), 3 - (6 * 5 + 2 * 7 * 6) / 90.0, 1e-12);
}

TEST(TokenSpread, RefusesPlacesThatCannotBe) {
  EXPECT_THROW(expected_places(kUnlimited, 0), std::invalid_argument);
  EXPECT_THROW(expected_places(kUnlimited, 257), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
