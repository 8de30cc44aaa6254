#include "sim/routing/replica_choice.hpp"

#include <algorithm>
#include <stdexcept>

namespace moesim {
namespace {

std::vector<std::vector<int>> slots_by_expert(const ExpertPlacement& placement) {
  std::vector<std::vector<int>> slots(static_cast<std::size_t>(placement.num_experts));
  for (int slot = 0; slot < placement.num_slots(); ++slot) {
    slots[static_cast<std::size_t>(placement.slot_expert[static_cast<std::size_t>(slot)])].push_back(slot);
  }
  return slots;
}

template <class Keep>
std::vector<int> kept(const std::vector<int>& slots, Keep keep) {
  std::vector<int> left;
  std::ranges::copy_if(slots, std::back_inserter(left), keep);
  return left;
}

/// The replicas that `source` uses, the first one advanced by its number so that sources start apart.
std::vector<int> nearest(const ExpertPlacement& placement, const std::vector<int>& slots, int source) {
  std::vector<int> near = kept(slots, [&](int slot) { return placement.gpu_of(slot) == source; });
  if (near.empty()) {
    const int node = source / placement.gpus_per_node;
    near = kept(slots, [&](int slot) { return placement.node_of(slot) == node; });
  }
  if (near.empty()) near = slots;
  std::ranges::rotate(near, near.begin() + source % std::ssize(near));
  return near;
}

}  // namespace

ReplicaTable::ReplicaTable(const ExpertPlacement& placement, ReplicaChoice choice)
    : num_experts_(static_cast<std::size_t>(std::max(placement.num_experts, 0))) {
  check_placement(placement);
  if (placement.num_gpus > 0xffff) throw std::invalid_argument("an expert group has 65535 GPUs at most");
  for (int slot = 0; slot < placement.num_slots(); ++slot) {
    gpu_of_slot_.push_back(static_cast<std::uint16_t>(placement.gpu_of(slot)));
  }
  const auto by_expert = slots_by_expert(placement);
  ranges_.reserve(static_cast<std::size_t>(placement.num_gpus) * num_experts_);
  const auto append = [&](const std::vector<int>& slots) {
    ranges_.push_back({static_cast<std::uint32_t>(slots_.size()), static_cast<std::uint32_t>(slots.size())});
    slots_.insert(slots_.end(), slots.begin(), slots.end());
  };
  for (int source = 0; source < placement.num_gpus; ++source) {
    for (const auto& slots : by_expert) {
      append(choice == ReplicaChoice::nearest ? nearest(placement, slots, source) : slots);
    }
  }
}

std::vector<double> ReplicaTable::slot_load(std::span<const double> source_tokens) const {
  if (source_tokens.size() != ranges_.size()) {
    throw std::invalid_argument("tokens per source GPU and expert have another length");
  }
  std::vector<double> load(gpu_of_slot_.size());
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    const Range& range = ranges_[i];
    for (const int slot : std::span(slots_).subspan(range.first, range.count)) {
      load[static_cast<std::size_t>(slot)] += source_tokens[i] / range.count;
    }
  }
  return load;
}

}  // namespace moesim
