#pragma once

#include "models/model_spec.hpp"
#include "sim/routing/placement.hpp"
#include "sim/serving/deployment/unit_layout.hpp"

namespace moesim {

/// How the slots of a unit lie: `num_groups` expert groups hold `slots_per_group` slots each, on one GPU or
/// on several that split every expert by columns.
struct ExpertGroups {
  int num_experts = 0;
  int top_k = 0;
  int num_groups = 1;       ///< ep
  int groups_per_node = 1;  ///< divides num_groups; a group that spans nodes counts as a node
  int num_slots = 0;        ///< experts and redundant ones
  int gpus_per_group = 1;

  [[nodiscard]] int slots_per_group() const { return num_slots / num_groups; }
  [[nodiscard]] int num_nodes() const { return num_groups / groups_per_node; }
  /// The groups as the GPUs of a placement.
  [[nodiscard]] PlacementSize placement_size() const {
    return {num_experts, num_slots, num_groups, groups_per_node};
  }
};

/// Throws SpecError, with the pointers of UnitLayout, where GPUs do not share groups, groups slots or nodes
/// groups evenly.
ExpertGroups expert_groups(const ModelSpec& model, const UnitLayout& layout, int gpus_per_node);

}  // namespace moesim
