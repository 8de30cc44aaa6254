#pragma once

#include <memory>

#include "sim/routing/simulated_router.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// What simulated routing routes of the expert groups of the plan: of the model's gate, `routing`'s
/// affinities, and documents no longer than a sequence. `routing` has an affinity.
/// Throws PlanError for a gate that is not simulated.
SimulatedRouting simulated_routing(const TrainingInputs& inputs, const RoutingChoice& routing);

/// The loads of simulated and recorded routing, before any capacity; nothing for other modes. Throws
/// SpecError and PlanError for a recording that does not fit the model.
std::shared_ptr<const LayerLoads> simulate_routing(const TrainingInputs& inputs,
                                                   const RoutingChoice& routing);

/// What routing does to one expert group of the plan, by MoE layer. The loads of simulated and recorded
/// routing are inputs.routed.
LayerLoads routed_loads(const TrainingInputs& inputs, const RoutingChoice& routing);
/// Its mean over layers.
RoutedLoad routed_load(const TrainingInputs& inputs, const RoutingChoice& routing);

/// What a result says of routing that is not stated.
std::vector<std::string> routing_warnings(const TrainingInputs& inputs);

}  // namespace moesim
