#include "sim/training/routed_loads.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/training/recorded_loads.hpp"

namespace moesim {

SimulatedRouting simulated_routing(const TrainingInputs& inputs, const RoutingChoice& routing) {
  SimulatedRouting simulated;
  simulated.gate = gate_of(inputs.model());
  if (simulated.gate.random_second) {
    throw PlanError(
        {{"/routing/mode", "the random second expert of a GShard gate is not simulated in training",
          "state the load, or play it in a scenario of kind routing"}});
  }
  simulated.affinity = *routing.affinity;
  Topics& topics = simulated.affinity.topics;
  topics.tokens_per_document = std::min(topics.tokens_per_document, inputs.recipe().sequence_length);
  simulated.balancing = routing.balancing.value_or(simulated.balancing);
  simulated.num_layers = routing.layers.value_or(simulated.num_layers);
  simulated.num_micro_batches = routing.micro_batches.value_or(simulated.num_micro_batches);
  simulated.tokens_per_rank = tokens_per_expert_rank(inputs);
  simulated.seed = inputs.scenario.seed;
  return simulated;
}

std::shared_ptr<const LayerLoads> simulate_routing(const TrainingInputs& inputs,
                                                   const RoutingChoice& routing) {
  if (inputs.model().num_experts == 0) return nullptr;
  switch (routing.mode) {
    case RoutingMode::balanced:
    case RoutingMode::stated:
      return nullptr;
    case RoutingMode::simulated:
      return std::make_shared<const LayerLoads>(
          make_simulated_router(simulated_routing(inputs, routing))->route_layers(inputs.group));
    case RoutingMode::recorded:
      return std::make_shared<const LayerLoads>(recorded_loads(inputs, routing));
  }
  return nullptr;
}

LayerLoads routed_loads(const TrainingInputs& inputs, const RoutingChoice& routing) {
  const TrainingRecipe& recipe = inputs.recipe();
  const auto limited = [&](const LayerLoads& loads) {
    if (!recipe.capacity_factor) return loads;
    return with_capacity(loads, *recipe.capacity_factor, recipe.capacity_padded);
  };
  const bool stated = routing.mode == RoutingMode::stated;
  if (!stated && routing.mode != RoutingMode::balanced && inputs.routed) return limited(*inputs.routed);
  const auto router = stated ? make_stated_router(routing.rank_max_over_mean, routing.node_max_over_mean)
                             : make_balanced_router();
  return limited(router->route_layers(inputs.group));
}

RoutedLoad routed_load(const TrainingInputs& inputs, const RoutingChoice& routing) {
  return routed_loads(inputs, routing).mean();
}

std::vector<std::string> routing_warnings(const TrainingInputs& inputs) {
  const RoutingChoice& routing = inputs.scenario.routing;
  if (inputs.model().num_experts == 0) return {};
  switch (routing.mode) {
    case RoutingMode::balanced:
      return {"routing is balanced: real routing costs more"};
    case RoutingMode::stated:
      return {};
    case RoutingMode::simulated:
      return {
          fmt::format("routing is simulated from assumed affinities: {} topics of spread {:g}, a fullest "
                      "rank of {:.3f} times the mean",
                      routing.affinity->topics.count, routing.affinity->topics.spread,
                      inputs.routed->mean().rank_max_over_mean)};
    case RoutingMode::recorded:
      return recorded_warnings(routing);
  }
  return {};
}

}  // namespace moesim
