#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "sim/routing_run/routing_inputs.hpp"

namespace moesim {

/// All that forbids a run, at the scenario's keys. The scenario, model and cluster of `inputs` are read.
std::vector<PlanError::Violation> routing_violations(const RoutingInputs& inputs);

/// What a reader of the result should know.
std::vector<std::string> routing_warnings(const RoutingInputs& inputs);

}  // namespace moesim
