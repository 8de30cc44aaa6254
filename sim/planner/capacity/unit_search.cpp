#include "sim/planner/capacity/unit_search.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

namespace moesim {
namespace {

double sum_of(const Units& units, std::span<const double> weights) {
  double sum = 0;
  for (std::size_t i = 0; i < units.size(); ++i) sum += weights[i] * units[i];
  return sum;
}

/// The most units of pool `last` with which the weights stay within `most`; 0 or less where none do.
double room_for(const Units& units, std::size_t last, std::span<const double> weights, double most) {
  constexpr double kHair = 1e-9;
  const double others = sum_of(units, weights) - weights[last] * units[last];
  if (weights[last] <= 0) return others <= most * (1 + kHair) ? std::numeric_limits<int>::max() : 0;
  return std::floor((most * (1 + kHair) - others) / weights[last]);
}

/// The least value of pool `pool` between `low` and its present one that holds; the present one is known to.
int least_of(Units units, std::size_t pool, int low, const Holds& holds) {
  int high = units[pool];
  while (low < high) {
    const int middle = low + (high - low) / 2;
    units[pool] = middle;
    if (holds(units)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

bool within(const std::vector<UnitCap>& caps, const Units& units) {
  return std::ranges::all_of(caps,
                             [&](const UnitCap& cap) { return sum_of(units, cap.weights) <= cap.most; });
}

/// Fewer units of each pool in turn, those of the dearest first, until one unit less of any fails.
Units reduced_units(const UnitSpace& space, std::span<const double> cost, Units units, const Holds& holds) {
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t pool) { return cost[pool]; });
  for (const std::size_t pool : order) units[pool] = least_of(units, pool, space.least[pool], holds);
  return units;
}

/// The units that every fleet cheaper than `best` has at least: those that a pool needs where the others have
/// as many as the budget allows. Without `best` there is no budget.
Units corner_below(const UnitSpace& space, std::span<const double> cost, const Units& reduced,
                   const std::optional<Units>& best, const Holds& holds) {
  Units ample = space.most;
  for (std::size_t i = 0; best && i < ample.size(); ++i) {
    const double room = room_for(space.least, i, cost, sum_of(*best, cost));
    ample[i] = static_cast<int>(std::min<double>(ample[i], room));
  }
  Units corner = space.least;
  for (std::size_t i = 0; i < corner.size(); ++i) {
    Units units = ample;
    units[i] = reduced[i];
    corner[i] = least_of(std::move(units), i, space.least[i], holds);
  }
  return corner;
}

class Completion {
 public:
  /// `best`: a fleet that holds, if one within the caps is known. `corner`: every cheaper one has as many
  /// units.
  Completion(const UnitSpace& space, std::span<const double> cost, Units corner, std::optional<Units> best,
             const Holds& holds)
      : space_(space), cost_(cost), corner_(std::move(corner)), holds_(holds), best_(std::move(best)) {}

  std::optional<Units> best() {
    complete(corner_, 0);
    return best_;
  }

 private:
  /// Tries every value of pool `pool` and those behind it that may still be cheaper.
  void complete(Units units, std::size_t pool) {
    if (pool + 1 == units.size()) return bisect_last(std::move(units), pool);
    for (int value = corner_[pool]; value <= space_.most[pool]; ++value) {
      units[pool] = value;
      if (room(units, units.size() - 1) < corner_.back()) return;
      complete(units, pool + 1);
    }
  }

  /// Units of the last pool that are within the caps and cheaper than the best so far.
  [[nodiscard]] int room(const Units& units, std::size_t last) const {
    double most = space_.most[last];
    for (const UnitCap& cap : space_.caps)
      most = std::min(most, room_for(units, last, cap.weights, cap.most));
    constexpr double kCheaper = 1 - 1e-6;
    if (best_) most = std::min(most, room_for(units, last, cost_, sum_of(*best_, cost_) * kCheaper));
    return static_cast<int>(std::max(most, 0.0));
  }

  void bisect_last(Units units, std::size_t last) {
    const int most = room(units, last);
    if (most < corner_[last]) return;
    units[last] = corner_[last];
    if (holds_(units)) {
      best_ = units;
      return;
    }
    units[last] = most;
    if (most == corner_[last] || !holds_(units)) return;
    units[last] = least_of(units, last, corner_[last] + 1, holds_);
    best_ = units;
  }

  const UnitSpace& space_;
  std::span<const double> cost_;
  Units corner_;
  const Holds& holds_;
  std::optional<Units> best_;
};

}  // namespace

bool covers(const Units& a, const Units& b) {
  return std::ranges::equal(a, b, [](int more, int fewer) { return more >= fewer; });
}

bool MonotoneHolds::operator()(const Units& units) {
  if (std::ranges::any_of(held_, [&](const Units& held) { return covers(units, held); })) return true;
  if (std::ranges::any_of(failed_, [&](const Units& failed) { return covers(failed, units); })) return false;
  const bool held = holds_(units);
  (held ? held_ : failed_).push_back(units);
  return held;
}

FoundUnits cheapest_units(const UnitSpace& space, std::span<const double> cost, const Units& start,
                          const Holds& holds) {
  FoundUnits found;
  const auto grown = [&](int by) {
    Units units = start;
    for (std::size_t i = 0; i < units.size(); ++i)
      units[i] = std::clamp(by > space.most[i] - start[i] ? space.most[i] : start[i] + by, space.least[i],
                            space.most[i]);
    return units;
  };
  found.sufficient = grown(0);
  for (int by = 1; !holds(found.sufficient); by *= 2) {
    if (found.sufficient == space.most) return found;
    found.sufficient = grown(by);
  }
  found.holdable = true;
  const Units reduced = reduced_units(space, cost, found.sufficient, holds);
  std::optional<Units> best;
  if (within(space.caps, reduced)) best = reduced;
  Units corner = corner_below(space, cost, reduced, best, holds);
  found.best = Completion(space, cost, std::move(corner), std::move(best), holds).best();
  return found;
}

}  // namespace moesim
