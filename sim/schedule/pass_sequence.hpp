#pragma once

#include <array>
#include <vector>

#include "sim/schedule/op_graph.hpp"
#include "sim/schedule/schedule_shape.hpp"

namespace moesim {

/// One pass of a rank. The forward half is set for forward and forward_backward, the backward half for
/// backward, weight and forward_backward; an unset half is -1. Micro-batches are numbered over the column.
struct PassStep {
  PassKind kind = PassKind::forward;
  int chunk_f = -1;
  int microbatch_f = -1;
  int chunk_b = -1;
  int microbatch_b = -1;
  bool defers_weight = false;  ///< a backward of inputs only; a later weight pass does the rest

  friend bool operator==(const PassStep&, const PassStep&) = default;
};

/// Passes of `rank` in the order in which it runs them. The shape must have no violation(); a step_end pass
/// is not listed.
std::vector<PassStep> pass_sequence(const ScheduleShape& shape, int rank);

/// 1F1B: warm-up forwards, then one forward and one backward in turn, then the remaining backwards.
std::vector<PassStep> one_f_one_b(int rank, int num_ranks, int num_microbatches);

/// DualPipe, the eight steps of its published schedule. `num_microbatches` counts both directions.
std::vector<PassStep> dualpipe(int rank, int num_ranks, int num_microbatches);

/// Micro-batches that a rank keeps something of while one of its passes runs, per chunk.
struct InFlight {
  std::array<int, kMaxChunks> activations{};       ///< forward begun, backward of inputs not yet over
  std::array<int, kMaxChunks> deferred_weights{};  ///< backward of inputs over, weight pass not yet over
};

/// One entry per pass of pass_sequence(shape, rank), in its order: for the memory plan to weigh.
std::vector<InFlight> inflight(const ScheduleShape& shape, int rank);

/// Most activations that `rank` holds at once, all chunks together, in micro-batches: PP - rank for 1F1B (at
/// most the number of micro-batches), PP + 1 for DualPipe.
int peak_inflight(ScheduleKind kind, int rank, int num_ranks, int num_microbatches);

}  // namespace moesim
