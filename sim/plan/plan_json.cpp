#include <nlohmann/json.hpp>

#include "sim/cluster/topology_json.hpp"
#include "sim/plan/plan.hpp"

namespace moesim {
namespace {

Json stages_json(const Plan& plan) {
  Json stages = Json::array();
  for (const StageContent& stage : plan.stages) {
    stages.push_back({{"first_layer", stage.first_layer},
                      {"dense_layers", stage.num_dense},
                      {"moe_layers", stage.num_moe},
                      {"embedding", stage.has_embedding},
                      {"mtp_modules", stage.num_mtp},
                      {"heads", stage.num_heads()}});
  }
  return stages;
}

Json groups_json(const Plan& plan) {
  Json groups = Json::object();
  for (const auto& [kind, name] : kGroupNames) {
    const GroupSpan span = plan.groups.span(kind, plan.input.cluster.gpus_per_node);
    groups[std::string(name)] = {{"size", span.size},
                                 {"groups", plan.groups.num_groups(kind)},
                                 {"nodes", span.num_nodes},
                                 {"members_per_node", span.members_per_node}};
  }
  return groups;
}

Json memory_json(const Plan& plan) {
  const MemoryPlan& memory = plan.memory;
  Json ranks = Json::array();
  for (std::size_t rank = 0; rank < memory.ranks.size(); ++rank) {
    Json items = Json::object();
    for (std::size_t i = 0; i < kNumMemoryItems; ++i) {
      const auto item = static_cast<MemoryItem>(i);
      if (memory.ranks[rank].of(item) > Bytes{}) {
        items[std::string(to_string(item))] = memory.ranks[rank].of(item).value();
      }
    }
    Json stages = Json::array();
    for (StageId stage : plan.stages_of_rank(static_cast<int>(rank))) stages.push_back(stage.value);
    ranks.push_back({{"stages", stages},
                     {"total_B", memory.ranks[rank].total().value()},
                     {"microbatches_in_flight", memory.peak_microbatches[rank]},
                     {"host_ema_B", memory.host_ema[rank].value()},
                     {"items_B", items}});
  }
  return {{"capacity_B", memory.capacity.value()},
          {"reserve_B", memory.reserve.value()},
          {"peak_B", memory.peak().value()},
          {"peak_rank", memory.peak_rank()},
          {"fits", memory.fits()},
          {"ranks", ranks}};
}

}  // namespace

Json plan_json(const Plan& plan) {
  return {{"model", plan.input.model.name},
          {"cluster", plan.input.cluster.name},
          {"microbatches", plan.num_microbatches()},
          {"schedule", std::string(to_string(plan.schedule.kind))},
          {"stages", stages_json(plan)},
          {"process_groups", groups_json(plan)},
          {"topology", topology_json(plan.input.cluster)},
          {"memory", memory_json(plan)},
          {"warnings", plan.warnings}};
}

}  // namespace moesim
