// What a plan shows of pools.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/serving/serving_summary.hpp"

namespace moesim {
namespace {

Json memory_json(const UnitMemory& memory) {
  Json items = Json::object();
  for (const MemoryItem& item : memory.weights) items[item.name] = item.bytes;
  items["graphs"] = memory.graph_bytes;
  items["workspace"] = memory.workspace_bytes;
  items["kv_cache"] = std::max(0.0, memory.kv_bytes);
  return {{"items_B", items},
          {"weights_B", memory.weight_bytes()},
          {"capacity_B", memory.capacity_bytes},
          {"fits", memory.fits()}};
}

Json group_json(int size, const PoolInputs& pool) {
  const int node = pool.cluster.gpus_per_node;
  const int per_node = std::min(size, node);
  return {{"size", size},
          {"groups", pool.spec.layout.gpus / size},
          {"nodes", (size + node - 1) / node},
          {"members_per_node", per_node}};
}

Json pool_json(const PoolInputs& pool) {
  const UnitLayout& layout = pool.spec.layout;
  const UnitMemory& memory = pool.memory;
  Json groups{{"attention", group_json(layout.tp, pool)}, {"expert", group_json(layout.ep, pool)}};
  if (layout.ep > 1) {
    // Members of an expert group lie at every expert_tp-th GPU.
    groups["expert"]["nodes"] = std::max(1, layout.gpus / pool.cluster.gpus_per_node);
    groups["expert"]["members_per_node"] =
        std::min(layout.ep, std::max(1, pool.cluster.gpus_per_node / layout.expert_tp()));
  }
  return {{"role", enum_name(pool.spec.role)},
          {"units", pool.spec.units},
          {"gpus_per_unit", layout.gpus},
          {"nodes_per_unit", pool.nodes_per_unit()},
          {"cluster", pool.cluster.name},
          {"stack", pool.stack->name},
          {"process_groups", groups},
          {"memory", memory_json(memory)},
          {"kv_cache",
           {{"bytes_per_token_B", memory.kv_bytes_per_token},
            {"block_tokens", memory.block_tokens},
            {"blocks_per_rank", memory.kv_blocks},
            {"tokens_per_rank", memory.kv_tokens},
            {"tokens_per_unit", memory.kv_tokens * layout.attention_ranks()}}},
          {"max_batch_per_rank", pool.spec.batching.max_batch}};
}

}  // namespace

Json pool_plans_json(const ServingInputs& inputs) {
  const auto& workload = inputs.scenario.workload;
  Json pools = Json::object();
  for (const auto& pool : inputs.pools) {
    Json document = pool_json(*pool);
    // A prefill unit hands its sequences on with the prompt done; others hold them half grown on average.
    const double grown = pool->spec.role == PoolRole::prefill ? 0 : 0.5;
    const double tokens =
        static_cast<double>(workload.input_tokens) + grown * static_cast<double>(workload.output_tokens);
    if (!workload.trace && tokens > 0) {
      document["sequences_per_rank_by_memory"] =
          static_cast<std::int64_t>(static_cast<double>(pool->memory.kv_tokens) / tokens);
    }
    pools[pool->name] = std::move(document);
  }
  return pools;
}

}  // namespace moesim
