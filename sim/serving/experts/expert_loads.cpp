#include "sim/serving/experts/expert_loads.hpp"

#include "sim/serving/experts/balanced_loads.hpp"
#include "sim/serving/experts/expert_groups.hpp"
#include "sim/serving/experts/routed_loads.hpp"

namespace moesim {

std::shared_ptr<const ExpertLoads> make_expert_loads(const ModelSpec& model, const UnitLayout& layout,
                                                     const ExpertLoadSpec& spec, int gpus_per_node,
                                                     std::uint64_t seed, BatchMode mode) {
  const ExpertGroups groups = expert_groups(model, layout, gpus_per_node);
  if (spec.mode == ExpertLoadMode::balanced || model.num_experts == 0) return make_balanced_loads(groups);
  return make_routed_loads(
      {gate_of(model), groups, model.num_moe_layers(), spec, spec.of_tokens(), seed, mode});
}

}  // namespace moesim
