#pragma once

#include <string_view>

#include "sim/serving/fleet/demand.hpp"
#include "sim/serving/fleet/fleet_scenario.hpp"

namespace moesim {

/// How many units a pool should have, before rounding up and its bounds.
struct WantedUnits {
  double by_work = 0;         ///< the work over what one unit carries: no rounding, no headroom
  double by_ttft = 0;         ///< whole units that hold the stated TTFT alone; 0 without one
  double by_speed = 0;        ///< that hold the stated tokens/s per user
  double by_utilisation = 0;  ///< with the stated headroom
  std::string_view missed;    ///< what no number of units within the bounds holds: "ttft", "of its work"

  [[nodiscard]] double most() const;
};

/// Units for the demand of the last interval: the estimator takes that demand for the next one. `share` of it
/// comes to this pool.
WantedUnits wanted_units(const FleetPool& pool, const Demand& demand, double share, double step_factor);

/// Rounded up and within the pool's bounds; at least 1.
int whole_units(const FleetPool& pool, double units);

/// Units of a schedule at a time of day (seconds, any number of days).
int scheduled_units(const ScalingSpec& scaling, double time_of_day_s);
/// Seconds from a time of day until the schedule's next entry.
double until_next_entry(const ScalingSpec& scaling, double time_of_day_s);

}  // namespace moesim
