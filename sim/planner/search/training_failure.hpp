#pragma once

#include <vector>

#include "base/error.hpp"
#include "sim/planner/search/training_candidates.hpp"

namespace moesim {

/// What to say where no layout holds all limits: how many miss each of them, how many are too large for
/// memory and how far off the nearest is; where none fits into memory, what the nearest lacks; else what
/// forbids most points.
SpecError no_layout_holds(const TrainingSpace& space, const TrainingSearch& search,
                          const std::vector<TrainingCandidate>& candidates);

}  // namespace moesim
