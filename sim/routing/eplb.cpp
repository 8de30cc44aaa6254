#include "sim/routing/eplb.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace moesim {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// The items of each pack in order of arrival, [num_packs x items per pack].
std::vector<int> pack(std::span<const float> weight, int num_packs) {
  const int num_items = static_cast<int>(weight.size());
  const int per_pack = num_items / num_packs;
  std::vector<int> items(weight.size());
  std::iota(items.begin(), items.end(), 0);
  if (per_pack == 1) return items;
  std::ranges::stable_sort(items, [&](int a, int b) { return weight[at(a)] > weight[at(b)]; });
  std::vector<int> packed(weight.size());
  std::vector<float> sums(at(num_packs));
  std::vector<int> used(at(num_packs));
  for (const int item : items) {
    int lightest = -1;
    for (int p = 0; p < num_packs; ++p) {
      if (used[at(p)] < per_pack && (lightest < 0 || sums[at(p)] < sums[at(lightest)])) lightest = p;
    }
    packed[at(lightest * per_pack + used[at(lightest)]++)] = item;
    sums[at(lightest)] += weight[at(item)];
  }
  return packed;
}

struct Replicas {
  std::vector<int> expert;    ///< [num_slots]
  std::vector<float> weight;  ///< [num_slots], of the slot's expert over its replicas
};

Replicas replicate(std::span<const float> weight, int num_slots) {
  Replicas replicas;
  replicas.expert.resize(weight.size());
  std::iota(replicas.expert.begin(), replicas.expert.end(), 0);
  std::vector<int> counts(weight.size(), 1);
  std::vector<float> shares(weight.begin(), weight.end());
  while (replicas.expert.size() < at(num_slots)) {
    const std::size_t heaviest = at(static_cast<int>(std::ranges::max_element(shares) - shares.begin()));
    replicas.expert.push_back(static_cast<int>(heaviest));
    shares[heaviest] = weight[heaviest] / static_cast<float>(++counts[heaviest]);
  }
  for (const int expert : replicas.expert) replicas.weight.push_back(shares[at(expert)]);
  return replicas;
}

std::vector<float> in_fp32(std::span<const double> weight) {
  std::vector<float> rounded;
  for (const double w : weight) {
    rounded.push_back(static_cast<float>(w));
    if (!std::isfinite(rounded.back()) || w < 0) {
      throw std::invalid_argument("a load to balance experts by is negative or not finite");
    }
  }
  return rounded;
}

/// Experts in the order of the nodes that their groups were packed onto.
std::vector<int> experts_by_node(std::span<const float> weight, int num_groups, int num_nodes) {
  const std::size_t size = weight.size() / at(num_groups);
  std::vector<float> sums;
  for (int g = 0; g < num_groups; ++g) {
    const auto group = weight.subspan(at(g) * size, size);
    sums.push_back(std::accumulate(group.begin(), group.end(), 0.0F));
  }
  std::vector<int> experts;
  for (const int group : pack(sums, num_nodes)) {
    for (std::size_t e = 0; e < size; ++e) experts.push_back(static_cast<int>(at(group) * size + e));
  }
  return experts;
}

}  // namespace

ExpertPlacement eplb_placement(std::span<const double> weight, const EplbSpec& spec) {
  if (spec.num_nodes < 1 || spec.num_groups < 1 || spec.num_gpus % spec.num_nodes != 0) {
    throw std::invalid_argument("nodes to balance experts over do not share the GPUs evenly");
  }
  const PlacementSize size{static_cast<int>(weight.size()), spec.num_slots, spec.num_gpus,
                           std::max(spec.num_gpus / spec.num_nodes, 1)};
  check_size(size);
  const bool hierarchical = is_hierarchical(spec);
  const int num_groups = hierarchical ? spec.num_groups : 1;
  const int num_nodes = hierarchical ? spec.num_nodes : 1;
  if (size.num_experts % num_groups != 0) {
    throw std::invalid_argument("groups to balance experts by do not share the experts evenly");
  }
  const std::vector<float> loads = in_fp32(weight);
  const std::vector<int> experts = experts_by_node(loads, num_groups, num_nodes);
  const int per_node = size.num_experts / num_nodes;
  ExpertPlacement placement{size.num_experts, size.num_gpus, size.gpus_per_node, {}};
  placement.slot_expert.reserve(at(size.num_slots));
  for (int node = 0; node < num_nodes; ++node) {
    const auto here = std::span(experts).subspan(at(node * per_node), at(per_node));
    std::vector<float> node_loads;
    for (const int expert : here) node_loads.push_back(loads[at(expert)]);
    const Replicas replicas = replicate(node_loads, size.num_slots / num_nodes);
    for (const int slot : pack(replicas.weight, size.num_gpus / num_nodes)) {
      placement.slot_expert.push_back(here[at(replicas.expert[at(slot)])]);
    }
  }
  return placement;
}

}  // namespace moesim
