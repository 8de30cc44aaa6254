#include "sim/serving/experts/expert_rebalance.hpp"

#include <utility>

#include "sim/serving/experts/expert_groups.hpp"
#include "sim/serving/experts/routed_layer.hpp"
#include "sim/serving/experts/routed_loads.hpp"

namespace moesim {
namespace {

constexpr std::uint64_t kNextPlan = 1000;  // draw of the drift, apart from those of loads

bool moves_experts(const ModelSpec& model, const UnitLayout& layout, const ExpertLoadSpec& spec) {
  return model.num_experts > 0 && layout.ep > 1 && spec.mode == ExpertLoadMode::simulated && spec.eplb.on &&
         spec.of_tokens().drift > 0;
}

}  // namespace

double drift_between_plans(double window, double every) {
  if (every >= window) return every - window / 3;
  return every * every / window * (1 - every / (3 * window));
}

RebalanceCost rebalance_of(const ModelSpec& model, const UnitLayout& layout, const ExpertLoadSpec& spec,
                           const ClusterSpec& cluster, NumberFormat precision, std::uint64_t seed,
                           BatchMode mode) {
  RebalanceCost cost;
  if (!moves_experts(model, layout, spec)) return cost;
  const RoutedLoadsInput input{gate_of(model),
                               expert_groups(model, layout, cluster.gpus_per_node),
                               model.num_moe_layers(),
                               spec,
                               spec.of_tokens(),
                               seed,
                               mode};
  RoutedLayers layers(input.gate, input.affinity, seed, mode);
  const double steps = drift_between_plans(spec.eplb.window.value(), spec.eplb.replan_every.value()) /
                       spec.affinity_step.value();
  MoveTraffic traffic(input.groups.num_groups);
  for (int index = 0; index < input.num_layers; ++index) {
    const RoutedLayer layer = layers.layer(index);
    const ExpertPlacement old = serving_placement(input, layers.chances(layer, layer.offsets));
    const std::vector<double> drifted = layers.drifted(layer, index, steps, kNextPlan);
    const ExpertPlacement next = keeping_slots(old, serving_placement(input, layers.chances(layer, drifted)));
    const std::vector<ExpertMove> moves = expert_moves(old, next);
    traffic.add(next, moves);
    cost.moved_slots += static_cast<double>(moves.size());
  }
  const Bytes expert = expert_bytes(model, precision);
  cost.every_s = spec.eplb.replan_every.value();
  cost.moved_bytes = (traffic.nvlink_total() + traffic.nic_total()) * expert.value();
  // The GPUs of a group each move their columns of an expert.
  cost.moves = std::make_shared<const RebalanceMoves>(
      RebalanceMoves{std::move(traffic), expert / input.groups.gpus_per_group});
  return over_links(cost, cluster);
}

RebalanceCost over_links(const RebalanceCost& cost, const ClusterSpec& cluster) {
  RebalanceCost moved = cost;
  if (cost.moves)
    moved.pause_s = move_time(cost.moves->traffic, cost.moves->bytes_per_expert, cluster).value();
  return moved;
}

}  // namespace moesim
