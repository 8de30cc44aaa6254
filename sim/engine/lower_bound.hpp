#pragma once

#include <algorithm>
#include <span>

#include "sim/engine/engine.hpp"
#include "sim/engine/lane_program.hpp"
#include "sim/schedule/pass_blocks.hpp"
#include "sim/schedule/schedule_shape.hpp"

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
/// The same of a graph laid out for one member of each rank.
LowerBound lower_bound(const LaneProgram& program, std::span<const GpuState> gpus);

/// What the graph of a shape and its blocks can be bounded by before it is built.
struct PassBound {
  /// The fullest lane of any GPU; on the computation lane behind the forwards of the first micro-batch on the
  /// stages in front.
  double seconds = 0;
  double computation_s = 0;  ///< mean over ranks of the computation lane
  int num_computations = 0;  ///< operations on the computation lane of the rank that has the fewest
};

/// As lower_bound(), from the passes of each rank alone: 20 times as fast for a step of DeepSeek-V3, and less
/// tight where pipelines are short of micro-batches.
PassBound bound_of_passes(const ScheduleShape& shape, const PassBlocks& blocks,
                          std::span<const GpuState> gpus);

}  // namespace moesim
