#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/routing/gate.hpp"
#include "sim/serving/experts/expert_groups.hpp"
#include "sim/serving/experts/expert_load_spec.hpp"
#include "sim/serving/experts/expert_state.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {

/// What a table of loads is made for.
struct RoutedLoadsInput {
  GateSpec gate;
  ExpertGroups groups;
  int num_layers = 1;   ///< MoE layers
  ExpertLoadSpec spec;  ///< its affinity is not looked at
  AffinitySpec affinity = serving_affinity();
  std::uint64_t seed = 1;
  BatchMode mode = BatchMode::decode;
};

/// Where experts lie that are loaded by `tokens` [num_experts]: as EPLB plans, in order where it is off. EPLB
/// is hierarchical for prompts where groups of the gate fill nodes, else global, as its readme advises.
ExpertPlacement serving_placement(const RoutedLoadsInput& input, const std::vector<double>& tokens);

/// Of one batch in one layer: tokens at experts, [num_experts], and at nodes, [num_nodes] or empty.
ExpertState state_of_batch(const ExpertPlacement& placement, const std::vector<double>& experts,
                           const std::vector<double>& nodes);

/// Age of the loads that a plan was made from, in seconds, in the middle of part `part` of `num_parts` of the
/// time between plans: lag + the time since + window / 3, at which a random walk is as far from its mean
/// over the window as it is.
double plan_age(const ServingEplb& eplb, int part, int num_parts);

/// Loads of experts from the router: a table over tokens in powers of two and eight draws, means over layers.
/// In each layer the plan is made from the chances of the experts, which then drift for the age of the plan
/// (two ages of eight draws) before batches are drawn from a pool of routed tokens. Draws of a unit follow
/// each other at random; where tokens resemble their neighbours (persistence, topics) a decode unit keeps one
/// for as many redraws as the resemblance spans. Throws SpecError (pointers of ExpertLoadSpec) for a drift
/// beyond the popularity's spread.
std::shared_ptr<const ExpertLoads> make_routed_loads(const RoutedLoadsInput& input);

}  // namespace moesim
