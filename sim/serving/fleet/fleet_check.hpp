#pragma once

#include "sim/serving/fleet/fleet_scenario.hpp"

namespace moesim {

/// What no fleet can play: pools without capacity, roles that do not go together, windows without an end,
/// failures of pools or units that are not there. Throws PlanError with every violation.
void check_fleet(const FleetScenario& scenario);

}  // namespace moesim
