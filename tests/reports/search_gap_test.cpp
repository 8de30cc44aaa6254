#include "reports/search_gap.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

TEST(SearchGap, AWorseOneIsOffTheBest) {
  EXPECT_EQ(search_gap_text("layout", 0.0027, 2), "The scenario's own layout is 0.27 % off the best.");
  EXPECT_EQ(search_gap_text("deployment", 0, 1), "The scenario's own deployment is 0.0 % off the best.");
}

TEST(SearchGap, ABetterOneLiesOutsideOfTheSpace) {
  EXPECT_EQ(search_gap_text("layout", -0.0457, 2),
            "The scenario's own layout is not in the space and is 4.57 % better than its best.");
}

TEST(SearchGap, AStepIsShorterOrLonger) {
  EXPECT_EQ(step_gain_text("winner's step", 0.0027),
            "The winner's step is 0.27 % shorter than that of the scenario's own layout");
  EXPECT_EQ(step_gain_text("winner's step", -0.0457),
            "The winner's step is 4.57 % longer than that of the scenario's own layout");
}

}  // namespace
}  // namespace moesim
