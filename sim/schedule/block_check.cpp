#include "sim/schedule/block_check.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "sim/schedule/schedule_table.hpp"

namespace moesim {
namespace {

struct BlockRow {
  std::string_view name;
  Block StageBlocks::*block;
  bool (*is_used)(const ScheduleRow&);
};
bool always(const ScheduleRow& /*row*/) {
  return true;
}
bool where_deferred(const ScheduleRow& row) {
  return row.defers;
}
bool never(const ScheduleRow& /*row*/) {
  return false;
}
constexpr std::array kBlockRows{
    BlockRow{"forward", &StageBlocks::forward, always},
    BlockRow{"backward", &StageBlocks::backward, always},
    BlockRow{"backward_input", &StageBlocks::backward_input, where_deferred},
    BlockRow{"weight", &StageBlocks::weight, where_deferred},
    BlockRow{"first_forward", &StageBlocks::first_forward, never},
    BlockRow{"last_backward", &StageBlocks::last_backward, never},
    BlockRow{"last_weight", &StageBlocks::last_weight, never},
    BlockRow{"reduce_gradients", &StageBlocks::reduce_gradients, never},
};

std::string find_operation_defect(const Block& block, std::size_t num_costs) {
  for (std::size_t i = 0; i < block.operations.size(); ++i) {
    const BlockOperation& op = block.operations[i];
    if (op.cost >= num_costs) return fmt::format("operation {} has cost {} of {}", i, op.cost, num_costs);
    for (const std::size_t earlier : op.after) {
      if (earlier >= i)
        return fmt::format("operation {} waits for operation {}, which is not earlier", i, earlier);
    }
  }
  for (const std::size_t output : {block.output_activation, block.output_gradient}) {
    if (output != Block::kLast && output >= block.operations.size()) {
      return fmt::format("output {} is not one of its {} operations", output, block.operations.size());
    }
  }
  return {};
}

std::string find_stage_defect(const ScheduleShape& shape, const StageBlocks& stage, std::size_t num_costs) {
  for (const BlockRow& row : kBlockRows) {
    const Block& block = stage.*row.block;
    if (row.is_used(row_of(shape.kind)) && block.operations.empty())
      return fmt::format("{} is empty", row.name);
    const std::string defect = find_operation_defect(block, num_costs);
    if (!defect.empty()) return fmt::format("{}: {}", row.name, defect);
  }
  if (shape.num_ranks > 1 && (stage.send_activation >= num_costs || stage.send_gradient >= num_costs)) {
    return fmt::format("a send has no cost: {} and {} of {}", stage.send_activation, stage.send_gradient,
                       num_costs);
  }
  return {};
}

std::string find_pair_defect(const ScheduleShape& shape, const PassBlocks& blocks) {
  for (const StagePair& pair : stage_pairs(shape)) {
    const auto found = blocks.forward_backward.find(pair);
    const bool is_empty = found == blocks.forward_backward.end() || found->second.operations.empty();
    const std::string defect =
        is_empty ? "is empty" : find_operation_defect(found->second, blocks.costs.size());
    if (!defect.empty()) {
      return fmt::format("forward of stage {} beside backward of stage {}: {}", pair.forward, pair.backward,
                         defect);
    }
  }
  return {};
}

}  // namespace

std::string find_block_defect(const ScheduleShape& shape, const PassBlocks& blocks) {
  const auto num_ranks = static_cast<std::size_t>(shape.num_ranks);
  const auto stages = static_cast<std::size_t>(num_stages(shape));
  if (blocks.stages.size() != stages || blocks.step_end.size() != num_ranks) {
    return fmt::format("{} stages and {} step_end blocks for {} stages on {} pipeline ranks",
                       blocks.stages.size(), blocks.step_end.size(), stages, num_ranks);
  }
  for (std::size_t stage = 0; stage < stages; ++stage) {
    const std::string defect = find_stage_defect(shape, blocks.stages[stage], blocks.costs.size());
    if (!defect.empty()) return fmt::format("stage {}: {}", stage, defect);
  }
  if (std::string defect = find_pair_defect(shape, blocks); !defect.empty()) return defect;
  for (std::size_t rank = 0; rank < num_ranks; ++rank) {
    const std::string defect = find_operation_defect(blocks.step_end[rank], blocks.costs.size());
    if (!defect.empty()) return fmt::format("step_end of rank {}: {}", rank, defect);
  }
  return {};
}

}  // namespace moesim
