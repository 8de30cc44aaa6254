#pragma once

#include <cstdint>
#include <vector>

#include "sim/serving/fleet/demand.hpp"
#include "sim/serving/fleet/fleet_scenario.hpp"

namespace moesim {

/// The requests that come after a time, as many as a look ahead takes.
struct LookAhead {
  std::vector<Request> requests;  ///< without hashes of blocks
  Demand demand;
};

/// Reads the workload from `from_s`: up to `seconds`, and 65,536 requests. Of a closed loop the requests have
/// no rate. Prompts find what the workload states to lie on disk, where there is one, and nothing else.
LookAhead look_ahead(const FleetScenario& scenario, double from_s, double seconds);

/// Requests that run in a steady state: request i of the look ahead with a chance in proportion to its output
/// tokens, since long ones are there for longer, and at an even place of its output. Prompts are whole.
std::vector<SequenceWork> residents(const LookAhead& ahead, std::int64_t count, std::uint64_t seed);

/// Plays one unit of the pool for some iterations with `streams` residents: decode iterations as they are
/// over as predicted for their mean batch.
double probed_step_factor(const FleetPool& pool, const LookAhead& ahead, std::int64_t streams,
                          std::uint64_t seed);

}  // namespace moesim
