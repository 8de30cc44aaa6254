#pragma once

#include "sim/runner/scenario_kinds.hpp"

namespace moesim {

// The row "serving" of scenario_kinds().
const SpecDescription& serving_spec();
Json complete_serving(const Json& scenario, const std::string& file);
/// Requests go to `options.requests` as they end.
Json run_serving(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink);
/// Pools with their memory, KV capacity and process groups.
Json plan_serving(const Json& scenario, const std::string& file, const RunOptions& options);
Json sensitivity_of_serving(const Json& scenario, const std::string& file, const RunOptions& options,
                            const std::string& figure);

}  // namespace moesim
