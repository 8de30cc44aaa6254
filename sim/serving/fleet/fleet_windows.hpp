#pragma once

#include "sim/serving/fleet/fleet.hpp"

namespace moesim {

/// Plays the windows of the policy, each by itself and from a steady state, on as many threads as asked for;
/// records, curves and sums come in order of the windows, whatever the threads.
FleetResult run_windows(const FleetScenario& scenario, const FleetOptions& options, RequestSink& requests,
                        RecordSink& sink);

/// Sums and means of two stretches of one fleet, `next` the later.
void add_stretch(FleetResult& sum, const FleetResult& next);

}  // namespace moesim
