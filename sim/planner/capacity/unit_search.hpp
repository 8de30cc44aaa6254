#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace moesim {

/// Units of each pool.
using Units = std::vector<int>;

/// The sum of weight x units is at most `most`.
struct UnitCap {
  std::vector<double> weights;  ///< [pools], at least 0
  double most = 0;
};

/// Which fleets are looked at.
struct UnitSpace {
  Units least;  ///< at least 1 each
  Units most;
  std::vector<UnitCap> caps;
};

/// Whether a fleet holds what is asked of it.
using Holds = std::function<bool(const Units&)>;

/// Answers from what is known: more units of any pool never make a fleet fail that held.
class MonotoneHolds {
 public:
  explicit MonotoneHolds(Holds holds) : holds_(std::move(holds)) {}
  bool operator()(const Units& units);

 private:
  Holds holds_;
  std::vector<Units> held_;
  std::vector<Units> failed_;
};

/// Whether every pool of `a` has at least as many units as in `b`.
bool covers(const Units& a, const Units& b);

struct FoundUnits {
  std::optional<Units> best;  ///< of the least cost within the caps; of equal ones the first that was found
  /// A fleet that holds, caps or not; where none does, the largest.
  Units sufficient;
  bool holdable = false;
};

/// The fleet of the least cost that holds, where more units never hurt: units of all pools grow from `start`
/// in steps of 1, 2, 4, ... until a fleet holds, which each pool in turn then reduces by bisection. What a
/// pool needs where the others have all that this budget allows bounds the units of every cheaper fleet from
/// below; each combination of the first pools that may still be cheaper is completed by bisection of the last
/// one. `cost` is of a unit of each pool, above 0.
FoundUnits cheapest_units(const UnitSpace& space, std::span<const double> cost, const Units& start,
                          const Holds& holds);

}  // namespace moesim
