#include "sim/planner/capacity/load_margin.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

LoadMargin margin_of(double most) {
  return load_margin([&](double load) {
    FleetTrial trial;
    trial.holds = load <= most;
    return trial;
  });
}

TEST(LoadMargin, IsFoundToAPercent) {
  for (const double most : {0.07, 0.3, 0.99, 1.0, 1.004, 1.37, 2.0, 7.9, 15.9}) {
    const LoadMargin margin = margin_of(most);
    EXPECT_LE(margin.load, most);
    EXPECT_GT(margin.breaking_load, most);
    EXPECT_LE(margin.breaking_load, kLoadTolerance * margin.load);
    EXPECT_FALSE(margin.breaking.holds);
  }
}

TEST(LoadMargin, EndsWhereNothingBreaksAndWhereNothingHolds) {
  EXPECT_EQ(margin_of(1e9).load, kMostLoad);
  EXPECT_EQ(margin_of(1e9).breaking_load, 0);
  EXPECT_EQ(margin_of(0).load, 0);
  EXPECT_EQ(margin_of(0).breaking_load, 1 / kMostLoad);
}

}  // namespace
}  // namespace moesim
