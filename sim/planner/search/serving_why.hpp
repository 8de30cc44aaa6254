#pragma once

#include <cstddef>
#include <vector>

#include "base/json.hpp"
#include "sim/planner/search/serving_candidates.hpp"

namespace moesim {

/// Where the mean iterations of the winner go against those of the runner-up, and what keeps the winner from
/// more: {winner, runner_up, rows: [{part: "POOL.PART", winner_s, runner_up_s}], limited_by: [text]}.
/// Without a runner-up its places are null.
Json why_json(const ServingCandidates& source, const ServingSearch& search,
              const std::vector<ServingCandidate>& candidates, const std::vector<std::size_t>& best);

}  // namespace moesim
