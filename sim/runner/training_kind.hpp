#pragma once

#include "sim/runner/scenario_kinds.hpp"

namespace moesim {

// The row "training" of scenario_kinds().
const SpecDescription& training_spec();
Json complete_training(const Json& scenario, const std::string& file);
Json run_training(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink);
Json plan_training(const Json& scenario, const std::string& file, const RunOptions& options);

Json sensitivity_of_training(const Json& scenario, const std::string& file, const RunOptions& options,
                             const std::string& figure);

}  // namespace moesim
