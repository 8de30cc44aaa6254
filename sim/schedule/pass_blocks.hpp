#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "sim/schedule/op_graph.hpp"
#include "sim/schedule/schedule_shape.hpp"

namespace moesim {

/// Which half of an overlapped pair an operation belongs to; it runs for that half's micro-batch.
enum class Half : std::uint8_t { forward, backward };

/// One operation of a block.
struct BlockOperation {
  std::uint32_t cost = 0;  ///< into PassBlocks::costs
  Lane lane = Lane::computation;
  Half half = Half::forward;         ///< read in forward_backward blocks only
  std::int16_t layer = -1;           ///< model layer, -1 where none applies
  std::vector<std::size_t> after{};  ///< earlier operations of the block that must be done first
  /// Waits for the activation that enters the stage: the previous stage's send. Free in the first stage.
  bool needs_activation = false;
  /// Waits for the gradient that enters the stage: the next stage's send, in the last stage the forward's
  /// output of the same micro-batch. In a weight block: the output gradient of the backward that deferred it.
  /// In reduce_gradients and step_end blocks: all computation issued before on this rank.
  bool needs_gradient = false;
  /// Off the computation lane: keeps its place among computations, as one that is launched on their stream.
  /// It waits for all computation issued before on this rank, and what is issued later waits for it.
  bool in_compute_order = false;
  bool needs_computation = false;  ///< waits for all computation issued before this block on this rank
  std::int16_t item = -1;          ///< part of the stage that it belongs to; read by nobody here
};

/// What one pass issues, in host order: computation and communication interleave as the host issues them.
/// Operations of one lane run in this order without any dependency being named.
struct Block {
  static constexpr std::size_t kLast = std::numeric_limits<std::size_t>::max();

  std::vector<BlockOperation> operations{};
  std::size_t output_activation = kLast;  ///< the operation that yields what the next stage waits for
  std::size_t output_gradient = kLast;    ///< the operation that yields what the previous stage waits for
};

/// The passes of one stage that run alone. What the schedule does not use may be empty, and so may
/// reduce_gradients.
struct StageBlocks {
  Block forward{};         ///< alone
  Block backward{};        ///< alone: gradients of inputs and weights
  Block backward_input{};  ///< alone: gradients of inputs, weights deferred
  Block weight{};          ///< alone: the deferred gradients of weights
  // In place of the blocks above, where they are not empty: in a rank's first forward of the stage, and in
  // the backward or weight pass that completes its weight gradients. All of them run alone.
  Block first_forward{};
  Block last_backward{};
  Block last_weight{};
  /// Once a step on each rank that holds the stage, as soon as its weight gradients there are complete.
  Block reduce_gradients{};
  std::uint32_t send_activation = 0;  ///< cost of the send to the next stage; unused in the last one
  std::uint32_t send_gradient = 0;    ///< cost of the send to the previous stage; unused in the first one
};

/// Stages whose passes overlap: the forward of one beside the backward of the other.
struct StagePair {
  int forward = 0;
  int backward = 0;
  friend auto operator<=>(const StagePair&, const StagePair&) = default;
};

/// Every pair of stages that the schedule overlaps on any rank, in order; empty for schedules without pairs.
std::vector<StagePair> stage_pairs(const ScheduleShape& shape);

/// Everything that a schedule's passes expand to. Sends are not part of a block: the builder appends them to
/// the pass that yields an output, on lane send_forward (activations) or send_backward (gradients).
struct PassBlocks {
  std::vector<OperationCost> costs{};
  std::vector<StageBlocks> stages{};  ///< [num_stages]
  /// Overlapped pairs: those of stage_pairs(shape).
  std::map<StagePair, Block> forward_backward{};
  std::vector<Block> step_end{};  ///< [num_ranks] after all passes: what is left of ZeRO, and the optimizer
};

}  // namespace moesim
