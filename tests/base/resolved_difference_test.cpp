#include "base/resolved_difference.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

TEST(ResolvedDifferenceTest, WhatRoundingLeavesIsNothing) {
  EXPECT_EQ(resolved_difference(0.1 + 0.2, 0.3), 0);  // 5.6e-17
  EXPECT_EQ(resolved_difference(-7e8, -7e8 * (1 + 1e-13)), 0);
  EXPECT_EQ(resolved_difference(1 + 1e-11, 1), (1 + 1e-11) - 1);
  EXPECT_EQ(resolved_difference(3, 0), 3);
  EXPECT_EQ(resolved_difference(0, 0), 0);
}

}  // namespace
}  // namespace moesim
