#include "sim/routing/placement.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace moesim {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument("a placement of experts: " + what);
}

ExpertPlacement empty_placement(const PlacementSize& size) {
  check_size(size);
  return {size.num_experts, size.num_gpus, size.gpus_per_node, std::vector<int>(at(size.num_slots))};
}

/// Sums of equal blocks of consecutive slots.
std::vector<double> block_sums(std::span<const double> slot_tokens, int num_slots, int num_blocks) {
  if (slot_tokens.size() != at(num_slots)) refuse("the load of its slots has another length");
  const std::size_t size = slot_tokens.size() / at(num_blocks);
  std::vector<double> sums(at(num_blocks));
  for (std::size_t block = 0; block < sums.size(); ++block) {
    const auto slots = slot_tokens.subspan(block * size, size);
    sums[block] = std::accumulate(slots.begin(), slots.end(), 0.0);
  }
  return sums;
}

}  // namespace

void check_size(const PlacementSize& size) {
  if (size.num_experts < 1 || size.num_slots < 1 || size.num_gpus < 1 || size.gpus_per_node < 1) {
    refuse("experts, slots, GPUs and GPUs of a node are at least 1");
  }
  if (size.num_slots < size.num_experts) {
    refuse(std::to_string(size.num_slots) + " slots for " + std::to_string(size.num_experts) + " experts");
  }
  if (size.num_slots % size.num_gpus != 0) {
    refuse(std::to_string(size.num_gpus) + " GPUs do not share " + std::to_string(size.num_slots) +
           " slots evenly");
  }
  if (size.num_gpus % size.gpus_per_node != 0) {
    refuse("nodes of " + std::to_string(size.gpus_per_node) + " GPUs do not share " +
           std::to_string(size.num_gpus) + " GPUs evenly");
  }
}

void check_placement(const ExpertPlacement& placement) {
  check_size({placement.num_experts, placement.num_slots(), placement.num_gpus, placement.gpus_per_node});
  for (const int expert : placement.slot_expert) {
    if (expert < 0 || expert >= placement.num_experts) {
      refuse("expert " + std::to_string(expert) + " is not one of " + std::to_string(placement.num_experts));
    }
  }
  const std::vector<int> counts = replica_counts(placement);
  const auto missing = std::ranges::find(counts, 0);
  if (missing != counts.end()) {
    refuse("expert " + std::to_string(missing - counts.begin()) + " has no slot");
  }
}

ExpertPlacement contiguous_placement(const PlacementSize& size) {
  ExpertPlacement placement = empty_placement(size);
  for (int slot = 0; slot < size.num_slots; ++slot) {
    placement.slot_expert[at(slot)] =
        static_cast<int>(static_cast<long long>(slot) * size.num_experts / size.num_slots);
  }
  return placement;
}

ExpertPlacement round_robin_placement(const PlacementSize& size) {
  ExpertPlacement placement = empty_placement(size);
  const int per_gpu = placement.slots_per_gpu();
  for (int slot = 0; slot < size.num_slots; ++slot) {
    const int dealt = slot % per_gpu * size.num_gpus + slot / per_gpu;
    placement.slot_expert[at(slot)] = dealt % size.num_experts;
  }
  return placement;
}

std::vector<int> replica_counts(const ExpertPlacement& placement) {
  std::vector<int> counts(at(placement.num_experts));
  for (const int expert : placement.slot_expert) ++counts.at(at(expert));
  return counts;
}

std::vector<double> slot_load(const ExpertPlacement& placement, std::span<const double> expert_tokens) {
  if (expert_tokens.size() != at(placement.num_experts)) refuse("the load of its experts has another length");
  const std::vector<int> counts = replica_counts(placement);
  std::vector<double> load;
  load.reserve(placement.slot_expert.size());
  for (const int expert : placement.slot_expert) {
    load.push_back(expert_tokens[at(expert)] / counts[at(expert)]);
  }
  return load;
}

std::vector<double> gpu_sums(const ExpertPlacement& placement, std::span<const double> slot_tokens) {
  return block_sums(slot_tokens, placement.num_slots(), placement.num_gpus);
}

std::vector<double> node_sums(const ExpertPlacement& placement, std::span<const double> slot_tokens) {
  return block_sums(slot_tokens, placement.num_slots(), placement.num_nodes());
}

std::vector<double> gpu_load(const ExpertPlacement& placement, std::span<const double> expert_tokens) {
  return gpu_sums(placement, slot_load(placement, expert_tokens));
}

std::vector<double> node_load(const ExpertPlacement& placement, std::span<const double> expert_tokens) {
  return node_sums(placement, slot_load(placement, expert_tokens));
}

}  // namespace moesim
