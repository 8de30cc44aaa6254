#include "sim/plan/plan_checks.hpp"

namespace moesim {

int microbatches_of(const PlanInput& input) {
  const Layout& layout = input.layout;
  const int dp = input.cluster.num_gpus() / (layout.tp * layout.cp * layout.pp);
  return static_cast<int>(input.recipe.global_batch / (std::int64_t{dp} * layout.micro_batch));
}

std::vector<StageContent> stages_of(const PlanInput& input) {
  if (!input.layout.stage_layers.empty()) return assign_stages(input.model, input.layout.stage_layers);
  const LayerTimes times =
      input.layer_times.value_or(layer_times_by_flops(input.model, input.recipe.sequence_length));
  return balance_stages(input.model, input.layout.pipeline(), times);
}

MemoryPlan memory_of(const PlanInput& input) {
  const auto stages = stages_of(input);
  const MemoryInput memory{input.model,   input.layout,           input.recipe,  stages,
                           input.cluster, microbatches_of(input), input.sharding};
  return plan_memory(memory, input.cluster.gpu_memory, input.memory_reserve);
}

}  // namespace moesim
