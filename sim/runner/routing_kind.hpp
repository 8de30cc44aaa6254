#pragma once

#include "sim/runner/scenario_kinds.hpp"

namespace moesim {

// The row "routing" of scenario_kinds().
const SpecDescription& routing_spec();
Json complete_routing(const Json& scenario, const std::string& file);
/// Refuses waterfall and uncertainty: no time is simulated.
Json run_routing(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink);
/// Placement, expert group and layers.
Json plan_routing(const Json& scenario, const std::string& file, const RunOptions& options);
/// Refused: nothing that a calibration or stack states takes part.
Json sensitivity_of_routing(const Json& scenario, const std::string& file, const RunOptions& options,
                            const std::string& figure);

}  // namespace moesim
