#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "sim/planner/search/training_candidates.hpp"

namespace moesim {

/// What to say where no layout holds all limits: which of them most layouts miss and by how much the nearest
/// one misses it; where none fits into memory, what the nearest lacks; else what forbids most points.
SpecError no_layout_holds(const std::string& file, const TrainingSearch& search,
                          const std::vector<TrainingCandidate>& candidates);

}  // namespace moesim
