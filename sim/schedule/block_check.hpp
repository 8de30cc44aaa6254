#pragma once

#include <string>

#include "sim/schedule/pass_blocks.hpp"
#include "sim/schedule/schedule_shape.hpp"

namespace moesim {

/// Empty when `blocks` fits `shape`, else which block is wrong and why: the number of stages or ranks, an
/// empty block of a pass that the schedule runs, a dependency on the operation itself or a later one, an
/// output that is not in the block, a cost id without a cost.
std::string find_block_defect(const ScheduleShape& shape, const PassBlocks& blocks);

}  // namespace moesim
