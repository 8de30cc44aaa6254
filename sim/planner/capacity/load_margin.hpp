#pragma once

#include <functional>

#include "sim/planner/capacity/fleet_trial.hpp"

namespace moesim {

/// Ratio of the least load that was seen to break a fleet to the greatest that it was seen to hold.
inline constexpr double kLoadTolerance = 1.01;
/// Loads that are looked at go to this and to one over it.
inline constexpr double kMostLoad = 16;

/// How far the traffic of a fleet may grow.
struct LoadMargin {
  double load = 0;  ///< the greatest that held, over the stated one; 0 where the least looked at fails
  double breaking_load = 0;  ///< the least that did not; 0 where kMostLoad held
  FleetTrial breaking;       ///< at breaking_load, or at the greatest that held
};

/// Doubles (or halves) the load until it stops (or begins) to hold, then bisects its logarithm.
LoadMargin load_margin(const std::function<FleetTrial(double load)>& play);

}  // namespace moesim
