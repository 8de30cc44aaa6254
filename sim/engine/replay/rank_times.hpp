#pragma once

#include <span>
#include <vector>

#include "sim/engine/engine.hpp"

namespace moesim::replay {

/// The sums that RankTimes describes, from the spans of one GPU of each rank in the order of their ends.
/// A pass ends where its kind or a micro-batch of one of its directions changes.
std::vector<RankTimes> sum_rank_times(std::span<const Span> spans, std::size_t num_ranks, double makespan_s);

}  // namespace moesim::replay
