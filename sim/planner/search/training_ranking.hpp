#pragma once

#include <cstddef>
#include <vector>

#include "sim/planner/search/training_candidates.hpp"

namespace moesim {

/// Replays the waiting candidates by rising bound until none can be among the best; those that remain end as
/// LayoutState::bound. Rounds have a fixed size, so that the same ones are replayed with any number of
/// threads.
void rank_layouts(const TrainingCandidates& source, const TrainingSearch& search,
                  std::vector<TrainingCandidate>& candidates);

/// Indices of the good candidates, the best first, equal ones in their order; at most num_best.
std::vector<std::size_t> best_layouts(const std::vector<TrainingCandidate>& candidates, std::size_t num_best);

}  // namespace moesim
