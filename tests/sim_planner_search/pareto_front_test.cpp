#include "sim/planner/search/pareto_front.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.hpp"

namespace moesim {
namespace {

/// Every point against every other; of equal ones the first stays.
std::vector<std::size_t> brute_force(const std::vector<Tradeoff>& points) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool beaten = false;
    for (std::size_t j = 0; j < points.size(); ++j) {
      const bool equal = points[i].x == points[j].x && points[i].y == points[j].y;
      beaten = beaten || dominates(points[j], points[i]) || (equal && j < i);
    }
    if (!beaten) front.push_back(i);
  }
  std::sort(front.begin(), front.end(),
            [&](std::size_t a, std::size_t b) { return points[a].x > points[b].x; });
  return front;
}

TEST(ParetoFront, IsThatOfEveryPairCompared) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream random(seed, 1, 0);
    std::vector<Tradeoff> points;
    // A coarse grid, so that equal points and equal figures occur.
    for (std::uint64_t i = 0; i < 1 + seed % 60; ++i)
      points.push_back({static_cast<double>(random.below(12)), static_cast<double>(random.below(12))});
    EXPECT_EQ(pareto_front(points), brute_force(points)) << seed;
  }
}

TEST(ParetoFront, OfNothingIsEmpty) {
  EXPECT_TRUE(pareto_front({}).empty());
}

TEST(ParetoFront, DominanceNeedsOneBetterFigure) {
  EXPECT_TRUE(dominates({2, 1}, {1, 1}));
  EXPECT_FALSE(dominates({1, 1}, {1, 1}));
  EXPECT_FALSE(dominates({2, 0}, {1, 1}));
}

}  // namespace
}  // namespace moesim
