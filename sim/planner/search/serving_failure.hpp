#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "sim/planner/search/serving_candidates.hpp"

namespace moesim {

/// Throws SpecError where no pool generates: such a fleet has no output tokens to rank by.
void require_generation(const Json& scenario, const std::string& file);

/// What to say where no deployment holds all limits: which limit most deployments miss and by how much the
/// nearest one misses; where none could be run, what forbids most of them.
SpecError nothing_holds(const std::string& file, const ServingSearch& search,
                        const std::vector<ServingCandidate>& candidates);

}  // namespace moesim
