#include "sim/schedule/block_check.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace moesim {
namespace {

struct BlockRow {
  std::string_view name;
  Block StageBlocks::*block;
  bool used_by_one_f_one_b;
  bool used_by_dualpipe;
};
constexpr std::array kBlockRows{
    BlockRow{"forward", &StageBlocks::forward, true, true},
    BlockRow{"backward", &StageBlocks::backward, true, true},
    BlockRow{"backward_input", &StageBlocks::backward_input, false, true},
    BlockRow{"weight", &StageBlocks::weight, false, true},
    BlockRow{"forward_backward", &StageBlocks::forward_backward, false, true},
    BlockRow{"reduce_gradients", &StageBlocks::reduce_gradients, false, false},
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
    const bool used = shape.kind == ScheduleKind::dualpipe ? row.used_by_dualpipe : row.used_by_one_f_one_b;
    if (used && block.operations.empty()) return fmt::format("{} is empty", row.name);
    const std::string defect = find_operation_defect(block, num_costs);
    if (!defect.empty()) return fmt::format("{}: {}", row.name, defect);
  }
  if (shape.num_ranks > 1 && (stage.send_activation >= num_costs || stage.send_gradient >= num_costs)) {
    return fmt::format("a send has no cost: {} and {} of {}", stage.send_activation, stage.send_gradient,
                       num_costs);
  }
  return {};
}

}  // namespace

std::string find_block_defect(const ScheduleShape& shape, const PassBlocks& blocks) {
  const auto num_ranks = static_cast<std::size_t>(shape.num_ranks);
  if (blocks.stages.size() != num_ranks || blocks.step_end.size() != num_ranks) {
    return fmt::format("{} stages and {} step_end blocks for {} pipeline ranks", blocks.stages.size(),
                       blocks.step_end.size(), num_ranks);
  }
  for (std::size_t stage = 0; stage < num_ranks; ++stage) {
    const std::string defect = find_stage_defect(shape, blocks.stages[stage], blocks.costs.size());
    if (!defect.empty()) return fmt::format("stage {}: {}", stage, defect);
  }
  for (std::size_t rank = 0; rank < num_ranks; ++rank) {
    const std::string defect = find_operation_defect(blocks.step_end[rank], blocks.costs.size());
    if (!defect.empty()) return fmt::format("step_end of rank {}: {}", rank, defect);
  }
  return {};
}

}  // namespace moesim
