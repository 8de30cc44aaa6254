#pragma once

#include <functional>
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

/// Micro-batches that a rank keeps something of while one of its passes runs, per chunk.
struct InFlight {
  std::vector<int> activations;       ///< [num_chunks] forward begun, backward of inputs not yet over
  std::vector<int> deferred_weights;  ///< [num_chunks] backward of inputs over, weight pass not yet over

  /// All chunks together.
  [[nodiscard]] int num_activations() const;
  [[nodiscard]] int num_kept() const;  ///< deferred weights keep their activations, too
};

/// Calls `visit` for each pass of pass_sequence(shape, rank), in its order: for the memory plan to weigh.
void for_each_inflight(const ScheduleShape& shape, int rank,
                       const std::function<void(const InFlight&)>& visit);

/// The same in a list.
std::vector<InFlight> inflight(const ScheduleShape& shape, int rank);

/// Most activations whose backward is still to come that `rank` holds at once, all chunks together.
int peak_inflight(const ScheduleShape& shape, int rank);

/// The same with those that wait for their weight pass.
int peak_kept(const ScheduleShape& shape, int rank);

}  // namespace moesim
