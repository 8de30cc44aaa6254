#include "sim/load/expert_load.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace moesim {
namespace {

TEST(ExpertLoad, GroupsSumConsecutiveExperts) {
  ExpertLoad load(2, 4);
  load.at(1, 0) = 1;
  load.at(1, 1) = 2;
  load.at(1, 2) = 3;
  load.at(1, 3) = 6;
  EXPECT_EQ(load.grouped(1, 2), (std::vector<double>{3, 9}));
  EXPECT_EQ(load.grouped(0, 2), (std::vector<double>{0, 0}));
  EXPECT_THROW(static_cast<void>(load.grouped(1, 3)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(load.grouped(1, 0)), std::invalid_argument);
}

TEST(ExpertLoad, MaxOverMean) {
  // mean of 3 and 9 is 6, the largest is 9.
  EXPECT_DOUBLE_EQ(max_over_mean(std::vector<double>{3, 9}), 1.5);
  EXPECT_DOUBLE_EQ(max_over_mean(std::vector<double>{0, 0}), 1);
  EXPECT_DOUBLE_EQ(max_over_mean({}), 1);
}

}  // namespace
}  // namespace moesim
