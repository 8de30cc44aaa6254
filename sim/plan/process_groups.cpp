#include "sim/plan/process_groups.hpp"

#include <algorithm>
#include <vector>

namespace moesim {
namespace {

/// Takes in the group of that many members from `first`.
void widen(GroupSpan& widest, int first, int size, int stride, int gpus_per_node) {
  int num_nodes = 0;
  int on_node = 0;
  int last_node = -1;
  for (int i = 0; i < size; ++i) {  // nodes rise with the members
    const int node = (first + i * stride) / gpus_per_node;
    on_node = node == last_node ? on_node + 1 : 1;
    if (on_node == 1) ++num_nodes;
    last_node = node;
    widest.members_per_node = std::max(widest.members_per_node, on_node);
  }
  widest.num_nodes = std::max(widest.num_nodes, num_nodes);
}

}  // namespace

ProcessGroups::ProcessGroups(const Layout& layout, int world_size) : world_size_(world_size) {
  const int per_stage = world_size / layout.pp;
  const int dp = per_stage / (layout.tp * layout.cp);
  const int edp = per_stage / (layout.etp * layout.ep);
  const auto set = [this](GroupKind kind, int size, int stride) {
    axes_[static_cast<std::size_t>(kind)] = {size, stride};
  };
  set(GroupKind::tensor, layout.tp, 1);
  set(GroupKind::context, layout.cp, layout.tp);
  set(GroupKind::data, dp, layout.tp * layout.cp);
  set(GroupKind::replicas, layout.cp * dp, layout.tp);
  set(GroupKind::pipeline, layout.pp, per_stage);
  set(GroupKind::expert_tensor, layout.etp, 1);
  set(GroupKind::expert, layout.ep, layout.etp);
  set(GroupKind::expert_data, edp, layout.etp * layout.ep);
}

int ProcessGroups::index_in(GroupKind kind, Rank rank) const {
  return rank.value / axis(kind).stride % axis(kind).size;
}

std::vector<Rank> ProcessGroups::group_of(GroupKind kind, Rank rank) const {
  const Axis& along = axis(kind);
  const int first = rank.value - index_in(kind, rank) * along.stride;
  std::vector<Rank> members;
  members.reserve(static_cast<std::size_t>(along.size));
  for (int i = 0; i < along.size; ++i) members.emplace_back(first + i * along.stride);
  return members;
}

std::vector<std::vector<Rank>> ProcessGroups::groups(GroupKind kind) const {
  std::vector<std::vector<Rank>> all;
  for (int r = 0; r < world_size_; ++r) {
    if (index_in(kind, Rank(r)) == 0) all.push_back(group_of(kind, Rank(r)));
  }
  return all;
}

GroupSpan ProcessGroups::span(GroupKind kind, int gpus_per_node) const {
  return span(axis(kind), gpus_per_node);
}

GroupSpan ProcessGroups::span_within(GroupKind kind, int members, int gpus_per_node) const {
  return span({members, axis(kind).stride}, gpus_per_node);
}

GroupSpan ProcessGroups::span_across(GroupKind kind, int members, int gpus_per_node) const {
  return span({axis(kind).size / members, axis(kind).stride * members}, gpus_per_node);
}

GroupSpan ProcessGroups::span(const Axis& along, int gpus_per_node) const {
  GroupSpan widest{along.size, 0, 0};
  // Groups that begin on the same GPU of a node look alike.
  const int period = along.stride * along.size;
  const int distinct = std::min(world_size_, period * gpus_per_node);
  std::vector<bool> seen(static_cast<std::size_t>(gpus_per_node));
  for (int base = 0; base < distinct; base += period) {
    for (int first = base; first < std::min(base + along.stride, distinct); ++first) {
      const auto gpu = static_cast<std::size_t>(first % gpus_per_node);
      if (seen[gpu]) continue;
      seen[gpu] = true;
      widen(widest, first, along.size, along.stride, gpus_per_node);
    }
  }
  return widest;
}

}  // namespace moesim
