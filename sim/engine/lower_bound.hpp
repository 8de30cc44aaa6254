#pragma once

#include <algorithm>
#include <span>

#include "sim/engine/engine.hpp"

namespace moesim {

/// Times that no replay of a graph can beat, in seconds.
struct LowerBound {
  double busiest_s = 0;        ///< of any GPU: the fullest lane, NIC direction or NVLink
  double critical_path_s = 0;  ///< the longest chain of dependencies and lane orders, with nothing shared
  [[nodiscard]] double seconds() const { return std::max(busiest_s, critical_path_s); }
};

/// Bounds of a graph on one GPU for each pipeline rank ([num_ranks]): every operation runs alone, at its
/// GPU's speed and load, without jitter. Host, launches and other members of a rank are left out, so it holds
/// with them as well. Linear in the graph, far cheaper than a replay. Throws RunError for a graph with a
/// cycle.
LowerBound lower_bound(const OpGraph& graph, std::span<const GpuState> gpus);

}  // namespace moesim
