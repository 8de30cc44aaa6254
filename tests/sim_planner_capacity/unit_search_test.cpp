#include "sim/planner/capacity/unit_search.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "base/random.hpp"

namespace moesim {
namespace {

/// The least cost over every fleet of the space that holds, by looking at all; nothing where none does.
std::optional<double> exhaustive(const UnitSpace& space, const std::vector<double>& cost,
                                 const Holds& holds) {
  std::optional<double> best;
  Units units = space.least;
  for (;;) {
    double sum = 0;
    for (std::size_t i = 0; i < units.size(); ++i) sum += cost[i] * units[i];
    bool allowed = true;
    for (const UnitCap& cap : space.caps) {
      double used = 0;
      for (std::size_t i = 0; i < units.size(); ++i) used += cap.weights[i] * units[i];
      allowed = allowed && used <= cap.most;
    }
    if (allowed && (!best || sum < *best) && holds(units)) best = sum;
    std::size_t i = 0;
    while (i < units.size() && units[i] == space.most[i]) units[i] = space.least[i], ++i;
    if (i == units.size()) return best;
    ++units[i];
  }
}

double cost_of(const Units& units, const std::vector<double>& cost) {
  double sum = 0;
  for (std::size_t i = 0; i < units.size(); ++i) sum += cost[i] * units[i];
  return sum;
}

/// Fleets that hold where they cover one of a few random corners: any monotone set is of this form.
struct RandomSet {
  RandomSet(std::uint64_t seed, std::size_t num_pools) {
    const auto draw = [&](std::uint64_t most) {
      return static_cast<int>(uniform_at(seed, stream_of("unit search"), at++) * static_cast<double>(most));
    };
    const int num_corners = 1 + draw(5);
    for (int i = 0; i < num_corners; ++i) {
      Units corner;
      for (std::size_t k = 0; k < num_pools; ++k) corner.push_back(1 + draw(12));
      corners.push_back(corner);
    }
    for (std::size_t k = 0; k < num_pools; ++k) cost.push_back(1 + draw(20));
    cap = 10 + draw(250);
  }
  [[nodiscard]] bool holds(const Units& units) const {
    for (const Units& corner : corners) {
      if (covers(units, corner)) return true;
    }
    return false;
  }
  std::uint64_t at = 0;
  std::vector<Units> corners;
  std::vector<double> cost;
  double cap = 0;
};

TEST(CheapestUnits, AreThoseOfALookAtAllFleets) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const std::size_t num_pools = 1 + seed % 3;
    const RandomSet set(seed, num_pools);
    UnitSpace space{Units(num_pools, 1), Units(num_pools, 14), {}};
    if (seed % 2 == 1) space.caps.push_back({set.cost, set.cap});
    int asked = 0;
    std::set<Units> seen;
    MonotoneHolds holds([&](const Units& units) {
      ++asked;
      EXPECT_TRUE(seen.insert(units).second) << "asked twice";
      return set.holds(units);
    });
    const Units start(num_pools, 1 + static_cast<int>(seed % 5));
    const FoundUnits found = cheapest_units(space, set.cost, start, [&](const Units& u) { return holds(u); });
    const auto expected = exhaustive(space, set.cost, [&](const Units& u) { return set.holds(u); });
    ASSERT_TRUE(found.holdable);
    EXPECT_TRUE(set.holds(found.sufficient));
    ASSERT_EQ(found.best.has_value(), expected.has_value()) << seed;
    if (!expected) continue;
    EXPECT_TRUE(set.holds(*found.best));
    EXPECT_DOUBLE_EQ(cost_of(*found.best, set.cost), *expected) << seed;
    if (num_pools == 1) {
      EXPECT_LE(asked, 10) << seed;
    }
  }
}

TEST(CheapestUnits, NothingHolds) {
  const UnitSpace space{{1, 1}, {100, 7}, {}};
  const std::vector<double> cost{1, 1};
  int asked = 0;
  const FoundUnits found = cheapest_units(space, cost, {1, 1}, [&](const Units&) {
    ++asked;
    return false;
  });
  EXPECT_FALSE(found.holdable);
  EXPECT_EQ(found.sufficient, (Units{100, 7}));
  EXPECT_LE(asked, 9);
}

// One pool of 1,000,000 units: doubling and bisection ask for about twice the logarithm.
TEST(CheapestUnits, OfOnePoolAskForTheLogarithm) {
  const UnitSpace space{{1}, {1000000}, {}};
  int asked = 0;
  MonotoneHolds holds([&](const Units& units) {
    ++asked;
    return units[0] >= 123457;
  });
  const FoundUnits found =
      cheapest_units(space, std::vector<double>{8}, {1}, [&](const Units& units) { return holds(units); });
  EXPECT_EQ(found.best, Units{123457});
  EXPECT_LE(asked, 40);
}

}  // namespace
}  // namespace moesim
