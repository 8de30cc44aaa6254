// Keys and values of a context-parallel group.
#include <algorithm>

#include "calib/profile/operator_time.hpp"
#include "models/operators.hpp"
#include "sim/training/split_collectives.hpp"
#include "sim/training/transfer_costs.hpp"

namespace moesim {
namespace {

constexpr double kBf16Bytes = 2;

/// BF16 bytes of what this GPU holds of keys and values, or of their latents.
Bytes own_keys_and_values(const TrainingInputs& inputs) {
  const ModelSpec& model = inputs.model();
  double width = 0;
  if (inputs.exchanges_latents()) {
    width = static_cast<double>(model.mla.kv_lora_rank + model.mla.qk_rope);
  } else {
    const int heads = model.uses_mla() ? model.num_heads : model.num_kv_heads;
    width = std::max(1, heads / inputs.layout().tp) * static_cast<double>(model.qk_head() + model.v_head());
  }
  return Bytes(inputs.tokens() * width * kBf16Bytes);
}

/// Seconds of the attention core of a pass on this GPU.
double core_s(const TrainingInputs& inputs, const RoutedLoad& load, ItemKind item, Pass pass) {
  const LayerKind kind = item == ItemKind::dense ? LayerKind::dense : LayerKind::moe;
  double sum = 0;
  for (const Operator& op : layer_operators(inputs.model(), kind, pass, operator_context(inputs, load, 1))) {
    if (op.kind == OperatorKind::attention_core && !op.recomputed)
      sum += operator_time(op, inputs.stack, inputs.profile).seconds;
  }
  return sum;
}

std::uint32_t add_cost(const TrainingInputs& inputs, Phase phase, const CollectiveCost& collective,
                       double part, int launches, CostTable& table) {
  const double launch = inputs.constant("launch");
  OperationCost cost;
  cost.phase = phase;
  cost.delay_s = collective.latency.value() * part;
  cost.nic_B = collective.nic.value() * part;
  cost.nvlink_B = collective.nvlink.value() * part;
  cost.issue_s = launches * launch;
  cost.first_issue_s = launch;
  return table.add(cost, {.derived = 1});
}

/// cp - 1 hand-overs to the next GPU of the ring, each beside the attention on the block at hand, a cp-th of
/// the core; the hop over a node's border has one NIC to itself. What is left of them stays exposed.
std::uint32_t price_ring(const TrainingInputs& inputs, Phase phase, Bytes block, double attention_s,
                         CostTable& table) {
  const ClusterSpec& cluster = inputs.cluster();
  const bool in_node = inputs.plan.groups.span(GroupKind::context, cluster.gpus_per_node).num_nodes == 1;
  CollectiveCost hop;
  hop.latency = in_node ? cluster.nvlink.latency : cluster.nic.latency;
  (in_node ? hop.nvlink : hop.nic) = block;
  const double hop_s = time_alone(hop, cluster_ports(cluster)).value();
  const int cp = inputs.layout().cp;
  const double exposed = std::max(0.0, hop_s - attention_s / cp) * (cp - 1);
  return add_cost(inputs, phase, hop, exposed / hop_s, cp - 1, table);
}

}  // namespace

void add_context_collectives(const TrainingInputs& inputs, const RoutedLoad& load, ItemKind item,
                             CostTable& table, ItemCosts& costs) {
  if (item != ItemKind::dense && item != ItemKind::moe) return;
  const Bytes own = own_keys_and_values(inputs);
  const auto first = [](std::vector<std::uint32_t>& side, std::uint32_t cost) {
    side.insert(side.begin(), cost);
  };
  AroundCosts& forward = costs.around_attention_forward;
  AroundCosts& backward = costs.around_attention_backward;
  if (inputs.layout().cp_exchange == ContextExchange::ring) {
    // Backward hands keys and values on, and their gradients.
    forward.before.push_back(
        price_ring(inputs, Phase::context_forward, own, core_s(inputs, load, item, Pass::forward), table));
    backward.before.push_back(price_ring(inputs, Phase::context_backward, own * 2.0,
                                         core_s(inputs, load, item, Pass::input_gradient), table));
    return;
  }
  const Bytes whole = own * static_cast<double>(inputs.layout().cp);
  const auto price = [&](Phase phase, GroupCollective kind) {
    return add_cost(inputs, phase, group_cost(inputs, GroupKind::context, kind, whole), 1, 1, table);
  };
  forward.before.push_back(price(Phase::context_forward, GroupCollective::all_gather));
  backward.before.push_back(price(Phase::context_backward, GroupCollective::all_gather));
  first(backward.after, price(Phase::context_backward, GroupCollective::reduce_scatter));
}

}  // namespace moesim
