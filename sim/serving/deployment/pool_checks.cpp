#include "sim/serving/deployment/pool_checks.hpp"

#include <fmt/format.h>

namespace moesim {
namespace {

using Violations = std::vector<PlanError::Violation>;

void check_attention(const ModelSpec& model, const UnitLayout& layout, const std::string& at,
                     Violations& found) {
  if (model.num_heads % layout.tp != 0) {
    found.push_back({at + "/tp", fmt::format("{} heads over {} GPUs", model.num_heads, layout.tp),
                     "use a divisor of the number of heads"});
  }
  if (model.uses_mla()) return;
  const int heads = model.num_kv_heads;
  if (heads % layout.tp != 0 && layout.tp % heads != 0) {
    found.push_back({at + "/tp", fmt::format("{} KV heads over {} GPUs", heads, layout.tp),
                     "use a divisor or a multiple of the number of KV heads"});
  }
}

void check_experts(const ModelSpec& model, const UnitLayout& layout, const std::string& at,
                   Violations& found) {
  if (model.num_experts == 0) {
    if (layout.ep > 1 || layout.redundant_experts > 0) {
      found.push_back({at + "/ep", model.name + " has no routed experts", "use ep 1"});
    }
    if (layout.tp != layout.gpus) {
      found.push_back(
          {at + "/tp",
           fmt::format("{} attention ranks of a dense model in one unit", layout.attention_ranks()),
           "use tp equal to gpus, and more units"});
    }
    return;
  }
  const int slots = model.num_experts + layout.redundant_experts;
  if (layout.ep > 1 && slots % layout.ep != 0) {
    found.push_back(
        {at + "/redundant_experts", fmt::format("{} expert slots over {} groups", slots, layout.ep),
         fmt::format("use {} redundant experts", (slots / layout.ep + 1) * layout.ep - model.num_experts)});
  }
  if (model.expert_intermediate % layout.expert_tp() != 0) {
    found.push_back(
        {at + "/ep",
         fmt::format("experts of width {} split over {} GPUs", model.expert_intermediate, layout.expert_tp()),
         "use a larger ep"});
  }
}

void check_cluster(const ClusterSpec& cluster, const PoolSpec& pool, const std::string& at,
                   Violations& found) {
  const UnitLayout& layout = pool.layout;
  const int node = cluster.gpus_per_node;
  if (layout.gpus > cluster.num_gpus()) {
    found.push_back({at + "/gpus",
                     fmt::format("a unit of {} GPUs on a cluster of {}", layout.gpus, cluster.num_gpus()),
                     "use a smaller unit or a larger cluster"});
  }
  const bool whole = layout.gpus >= node ? layout.gpus % node == 0 : node % layout.gpus == 0;
  if (!whole) {
    found.push_back({at + "/gpus", fmt::format("{} GPUs are no whole nodes of {}", layout.gpus, node),
                     "use whole nodes, or an even part of one"});
  }
  if (layout.tp > node || node % layout.tp != 0) {
    found.push_back({at + "/tp", fmt::format("groups of {} GPUs in nodes of {}", layout.tp, node),
                     "tensor-parallel groups lie inside a node"});
  }
}

}  // namespace

Violations find_violations(const ModelSpec& model, const ClusterSpec& cluster, const PoolSpec& pool,
                           const std::string& pointer) {
  Violations found;
  const std::string layout = pointer + "/layout";
  check_attention(model, pool.layout, layout, found);
  check_experts(model, pool.layout, layout, found);
  check_cluster(cluster, pool, layout, found);
  if (pool.speculation.drafts > 0 && model.mtp_depth == 0) {
    found.push_back({pointer + "/speculation/drafts",
                     model.name + " has no multi-token-prediction module that could draft",
                     "use 0; other draft models are not modelled"});
  }
  if (pool.kv_format == NumberFormat::fp32 || pool.kv_format == NumberFormat::mxfp8) {
    found.push_back({pointer + "/kv_format", "no kernel reads such a KV cache", "use \"bf16\" or \"fp8\""});
  }
  if (pool.precision == NumberFormat::fp32) {
    found.push_back({pointer + "/precision", "FP32 is not modelled", "use \"bf16\" or \"fp8\""});
  }
  if (pool.max_context && *pool.max_context > model.max_positions) {
    found.push_back({pointer + "/max_context",
                     fmt::format("{} has {} positions", model.name, model.max_positions),
                     "use at most as many"});
  }
  return found;
}

Violations find_memory_violations(const UnitMemory& memory, const PoolSpec& pool,
                                  const std::string& pointer) {
  if (memory.kv_bytes < 0) {
    return {{pointer + "/layout", "the weights do not fit: " + memory_line(memory),
             "use more GPUs a unit, more expert parallelism, or a smaller precision"}};
  }
  if (!memory.fits()) {
    return {{pointer + (pool.kv_tokens ? "/kv_tokens" : "/layout"),
             fmt::format("no block of {} KV tokens is left: {}", memory.block_tokens, memory_line(memory)),
             "leave room for at least one block"}};
  }
  const double needed = static_cast<double>(memory.kv_tokens) * memory.kv_bytes_per_token;
  if (pool.kv_tokens && needed > memory.kv_bytes) {
    return {{pointer + "/kv_tokens",
             fmt::format("{} tokens take {:.1f} GB: {}", memory.kv_tokens, needed / 1e9, memory_line(memory)),
             "use fewer"}};
  }
  return {};
}

}  // namespace moesim
