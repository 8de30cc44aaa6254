#include "sim/serving/step/wide_unit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "calib/profile/transfer_curves.hpp"

namespace moesim {

namespace {

void check(const UnitCostInput& input) {
  const UnitLayout& layout = input.pool->layout;
  std::vector<PlanError::Violation> faults;
  if (input.model->num_experts == 0) {
    faults.push_back({"/stack", fmt::format("stack '{}' serves models with experts", input.stack->name),
                      "choose another stack for a dense model"});
  } else if (layout.ep != layout.gpus) {
    faults.push_back({"/layout/ep", fmt::format("ep {} on {} GPUs", layout.ep, layout.gpus),
                      "DeepEP spreads experts over all GPUs of a unit: choose ep = gpus"});
  }
  const auto is_deepep = [](const ServingPhasePolicy& phase) {
    return phase.transfer == ExpertTransfer::deepep_normal ||
           phase.transfer == ExpertTransfer::deepep_low_latency;
  };
  const PoolRole role = input.pool->role;
  const ServingPolicy& serving = *input.stack->serving;
  if ((role != PoolRole::decode && !is_deepep(serving.prefill)) ||
      (role != PoolRole::prefill && !is_deepep(serving.decode))) {
    faults.push_back(
        {"/two_micro_batches",
         fmt::format("stack '{}' does not overlap micro-batches: it has no DeepEP", input.stack->name),
         "leave two_micro_batches out, or name a stack with DeepEP, e.g. sglang-wideep"});
  }
  if (!faults.empty()) throw PlanError(std::move(faults));
}

/// Nodes that the experts of a token lie on. Groups of experts stay on whole nodes, so a limit on groups is
/// one on nodes (node-limited routing).
double nodes_reached(const ModelSpec& model, double nodes) {
  const double free = distinct_groups(nodes, model.top_k);
  if (model.num_groups <= 1 || model.topk_groups >= model.num_groups || nodes <= 1) return free;
  const double groups = model.num_groups, chosen = model.topk_groups;
  // Nodes with a chosen group: each holds groups / nodes of them, or is one of nodes / groups of a group.
  if (nodes >= groups) return std::min(free, chosen * distinct_groups(nodes / groups, model.top_k / chosen));
  double none = 1;  // chance that a node has none of the chosen groups
  const double held = groups / nodes;
  for (double i = 0; i < chosen; ++i) none *= std::max(0.0, (groups - held - i) / (groups - i));
  return std::min(free, nodes * (1 - none));
}

}  // namespace

WideUnit wide_unit(const UnitCostInput& input) {
  check(input);
  const ModelSpec& model = *input.model;
  const UnitLayout& layout = input.pool->layout;
  WideUnit unit;
  unit.gpus = layout.gpus;
  unit.ranks = layout.attention_ranks();
  unit.tp = layout.tp;
  unit.nodes = std::max(1, layout.gpus / input.cluster->gpus_per_node);
  unit.moe_layers = model.num_moe_layers();
  unit.dense_layers = model.num_dense_layers;
  unit.top_k = model.top_k;
  unit.hidden = static_cast<double>(model.hidden);
  unit.slots = static_cast<double>(model.num_experts + layout.redundant_experts) / layout.gpus;
  unit.nodes_per_token = nodes_reached(model, unit.nodes);
  unit.gpus_per_token = distinct_groups(unit.gpus, model.top_k);
  unit.remote_nodes = unit.nodes_per_token * (1 - 1.0 / unit.nodes);
  return unit;
}

}  // namespace moesim
