#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/load/traffic_matrix.hpp"
#include "sim/routing/rebalance.hpp"
#include "sim/routing/replica_choice.hpp"
#include "sim/routing_run/routing_inputs.hpp"

namespace moesim {

/// (max - mean) / mean; 0 without load.
double imbalance(std::span<const double> load);

/// How the load of one layer in one step falls on the placement.
struct PlacedStep {
  std::vector<double> slot_tokens;                         ///< [num_slots]
  std::vector<double> gpu_tokens;                          ///< [num_gpus]
  std::vector<double> node_tokens;                         ///< [num_nodes]
  double slot = 0, rank = 0, node = 0;                     ///< imbalance() of each
  double balancedness = 1;                                 ///< mean over max of the GPUs
  std::optional<double> slot_after_eplb, rank_after_eplb;  ///< of the what-if, once it has a plan
  std::vector<double> slot_tokens_after_eplb;  ///< [num_slots] of the what-if; empty before a plan
  std::vector<double> gpu_tokens_after_eplb;   ///< [num_gpus], likewise
};

/// The placement of one layer through time, and EPLB beside it.
class LayerPlacement {
 public:
  explicit LayerPlacement(const RoutingInputs& inputs);

  /// Whether load() needs the choices of tokens: replicas are chosen by where a token is.
  [[nodiscard]] bool needs_choices() const { return needs_choices_; }
  /// The load on the placement in force. `expert_tokens` [num_experts]; `choices` [tokens, top_k] where
  /// needs_choices(), token t on GPU t x num_gpus / tokens.
  const PlacedStep& load(std::span<const std::uint32_t> expert_tokens,
                         std::span<const std::uint16_t> choices);
  /// Copies of a step on the placement in force; unused choices travel nowhere.
  [[nodiscard]] TrafficMatrix traffic(std::span<const std::uint16_t> choices, DispatchMode mode) const;
  /// Takes the step that ends; a plan is in force from the next one on.
  std::optional<Replan> end_step(std::span<const std::uint32_t> expert_tokens);

  [[nodiscard]] const ExpertPlacement& placement() const { return placement_; }

 private:
  void put(ExpertPlacement placement);
  [[nodiscard]] std::vector<double> nearest_load(std::span<const std::uint16_t> choices) const;

  int top_k_;
  ReplicaChoice choice_;
  bool needs_choices_;
  ExpertPlacement placement_;
  std::optional<ReplicaTable> replicas_;
  std::optional<Rebalancer> rebalancer_;
  std::optional<Rebalancer> what_if_;
  bool what_if_planned_ = false;
  PlacedStep step_;
};

}  // namespace moesim
