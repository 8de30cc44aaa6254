#include "sim/routing_run/layer_placement.hpp"

#include <algorithm>

#include "base/math.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

ExpertPlacement first_placement(const RoutingInputs& inputs, int redundant_experts) {
  const PlacementSize size = inputs.placement_size(redundant_experts);
  return inputs.scenario.placement.strategy == PlacementStrategy::round_robin ? round_robin_placement(size)
                                                                              : contiguous_placement(size);
}

Rebalancer rebalancer_of(const RoutingInputs& inputs, const Replanning& plan) {
  const PlacementSize size = inputs.placement_size(plan.redundant_experts);
  RebalanceSpec spec;
  spec.eplb = {size.num_slots, inputs.model.num_groups, size.num_gpus / size.gpus_per_node, size.num_gpus};
  spec.every = plan.replan_every.value_or(1);
  spec.window = plan.window();
  spec.lag = plan.replan_lag;
  return {spec, contiguous_placement(size)};
}

std::vector<double> as_doubles(std::span<const std::uint32_t> counts) {
  return {counts.begin(), counts.end()};
}

}  // namespace

double imbalance(std::span<const double> load) {
  const double total = sum_fixed_order(load);
  if (!(total > 0)) return 0;
  return *std::ranges::max_element(load) * static_cast<double>(load.size()) / total - 1;
}

LayerPlacement::LayerPlacement(const RoutingInputs& inputs)
    : top_k_(inputs.model.top_k),
      choice_(inputs.scenario.placement.replica_choice),
      needs_choices_(choice_ == ReplicaChoice::nearest && inputs.scenario.placement.redundant_experts > 0) {
  const PlacementChoice& chosen = inputs.scenario.placement;
  put(first_placement(inputs, chosen.redundant_experts));
  if (chosen.strategy == PlacementStrategy::eplb) rebalancer_ = rebalancer_of(inputs, chosen);
  if (chosen.what_if) what_if_ = rebalancer_of(inputs, *chosen.what_if);
}

void LayerPlacement::put(ExpertPlacement placement) {
  placement_ = std::move(placement);
  replicas_.emplace(placement_, choice_);
}

const PlacedStep& LayerPlacement::load(std::span<const std::uint32_t> expert_tokens,
                                       std::span<const std::uint16_t> choices) {
  const std::vector<double> tokens = as_doubles(expert_tokens);
  step_.slot_tokens = needs_choices_ ? nearest_load(choices) : slot_load(placement_, tokens);
  step_.gpu_tokens = gpu_sums(placement_, step_.slot_tokens);
  step_.node_tokens = node_sums(placement_, step_.slot_tokens);
  step_.slot = imbalance(step_.slot_tokens);
  step_.rank = imbalance(step_.gpu_tokens);
  step_.node = imbalance(step_.node_tokens);
  step_.balancedness = 1 / (1 + step_.rank);
  if (what_if_planned_) {
    step_.slot_tokens_after_eplb = slot_load(what_if_->placement(), tokens);
    step_.gpu_tokens_after_eplb = gpu_sums(what_if_->placement(), step_.slot_tokens_after_eplb);
    step_.slot_after_eplb = imbalance(step_.slot_tokens_after_eplb);
    step_.rank_after_eplb = imbalance(step_.gpu_tokens_after_eplb);
  }
  return step_;
}

std::vector<double> LayerPlacement::nearest_load(std::span<const std::uint16_t> choices) const {
  const auto num_experts = static_cast<std::size_t>(placement_.num_experts);
  const auto num_gpus = static_cast<std::size_t>(placement_.num_gpus);
  const std::size_t choices_per_gpu = choices.size() / num_gpus;
  std::vector<double> source_tokens(num_gpus * num_experts, 0.0);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] != kNoExpert) source_tokens[i / choices_per_gpu * num_experts + choices[i]] += 1;
  }
  return replicas_->slot_load(source_tokens);
}

TrafficMatrix LayerPlacement::traffic(std::span<const std::uint16_t> choices, DispatchMode mode) const {
  TrafficMatrix matrix(placement_.num_gpus, placement_.gpus_per_node, mode);
  const auto top_k = static_cast<std::size_t>(top_k_);
  const std::size_t tokens_per_gpu = choices.size() / top_k / static_cast<std::size_t>(placement_.num_gpus);
  std::vector<std::uint16_t> gpus;
  for (std::size_t token = 0; token * top_k < choices.size(); ++token) {
    const int source = static_cast<int>(token / tokens_per_gpu);
    gpus.clear();
    for (const std::uint16_t expert : choices.subspan(token * top_k, top_k)) {
      if (expert != kNoExpert) gpus.push_back(replicas_->gpu(source, expert, token));
    }
    matrix.add(source, gpus);
  }
  return matrix;
}

std::optional<Replan> LayerPlacement::end_step(std::span<const std::uint32_t> expert_tokens) {
  const std::vector<double> tokens = as_doubles(expert_tokens);
  if (what_if_ && what_if_->end_step(tokens)) what_if_planned_ = true;
  if (!rebalancer_) return std::nullopt;
  std::optional<Replan> replan = rebalancer_->end_step(tokens);
  if (replan) put(replan->placement);
  return replan;
}

}  // namespace moesim
