#pragma once

#include "sim/schedule/op_graph.hpp"
#include "sim/schedule/pass_blocks.hpp"
#include "sim/schedule/schedule_shape.hpp"

namespace moesim {

/// Every rank's program for one step: the passes of its sequence expanded by `blocks`, sends at the end of
/// the pass that yields them, reduce_gradients behind the pass that completes a stage's weight gradients, and
/// the rank's step_end block last. Linear in the number of operations.
///
/// Throws std::invalid_argument with the reason when the shape has a violation(), when `blocks` does not have
/// one entry per stage and rank and a block for every pair, or when a block names an operation that does not
/// come before the naming one.
OpGraph build_op_graph(const ScheduleShape& shape, const PassBlocks& blocks);

}  // namespace moesim
