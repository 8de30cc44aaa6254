#pragma once

#include <span>
#include <vector>

namespace moesim {

/// Which expert each slot of an expert group holds. Slots are GPU-major: slot s lies on GPU
/// s / slots_per_gpu(), GPU g on node g / gpus_per_node. An expert has one slot at least; its further slots
/// are replicas, which may lie on one GPU.
struct ExpertPlacement {
  int num_experts = 1;
  int num_gpus = 1;  ///< of the expert group
  int gpus_per_node = 1;
  std::vector<int> slot_expert = {0};  ///< [num_slots]

  [[nodiscard]] int num_slots() const { return static_cast<int>(slot_expert.size()); }
  [[nodiscard]] int slots_per_gpu() const { return num_slots() / num_gpus; }
  [[nodiscard]] int num_nodes() const { return num_gpus / gpus_per_node; }
  [[nodiscard]] int gpu_of(int slot) const { return slot / slots_per_gpu(); }
  [[nodiscard]] int node_of(int slot) const { return gpu_of(slot) / gpus_per_node; }

  friend bool operator==(const ExpertPlacement&, const ExpertPlacement&) = default;
};

/// What a placement is asked to be.
struct PlacementSize {
  int num_experts = 1;
  int num_slots = 1;  ///< num_experts and the redundant ones; a multiple of num_gpus
  int num_gpus = 1;
  int gpus_per_node = 1;  ///< divides num_gpus
};

/// Throws std::invalid_argument for counts below 1, fewer slots than experts, slots that the GPUs do not
/// share evenly, GPUs that the nodes do not.
void check_size(const PlacementSize& size);
/// The same for a whole placement, and for an expert out of range or without a slot.
void check_placement(const ExpertPlacement& placement);

/// Slot s holds expert s x num_experts / num_slots, rounded down: neighbours lie together; redundant slots go
/// to experts at even distances and lie beside them. Without any, GPU g holds num_experts / num_gpus
/// consecutive experts.
ExpertPlacement contiguous_placement(const PlacementSize& size);

/// The i-th slot of GPU g holds expert (i x num_gpus + g) mod num_experts: experts are dealt to the GPUs one
/// by one, the redundant slots starting with expert 0 again.
ExpertPlacement round_robin_placement(const PlacementSize& size);

/// Replicas of each expert, [num_experts].
std::vector<int> replica_counts(const ExpertPlacement& placement);

/// Tokens per slot, GPU or node from the tokens of each expert, [num_experts]: replicas of an expert share
/// its tokens evenly, as round-robin choice does. Sums are in the order of slots. Throw std::invalid_argument
/// where expert_tokens has another length.
std::vector<double> slot_load(const ExpertPlacement& placement, std::span<const double> expert_tokens);
std::vector<double> gpu_load(const ExpertPlacement& placement, std::span<const double> expert_tokens);
std::vector<double> node_load(const ExpertPlacement& placement, std::span<const double> expert_tokens);
/// Sums of the slots of each GPU or node, from a load per slot, [num_slots].
std::vector<double> gpu_sums(const ExpertPlacement& placement, std::span<const double> slot_tokens);
std::vector<double> node_sums(const ExpertPlacement& placement, std::span<const double> slot_tokens);

}  // namespace moesim
