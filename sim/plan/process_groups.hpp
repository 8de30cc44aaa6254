#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "sim/plan/layout.hpp"

namespace moesim {

/// Ranks that communicate with each other.
enum class GroupKind : std::uint8_t {
  tensor,         ///< same attention shard's parts
  context,        ///< parts of one sequence
  data,           ///< replicas outside routed experts; ZeRO shards over data and context together
  replicas,       ///< data x context
  pipeline,       ///< one rank of each stage
  expert,         ///< dispatch and combine
  expert_tensor,  ///< parts of an expert
  expert_data,    ///< replicas of the same routed experts
};
inline constexpr std::array<std::pair<GroupKind, std::string_view>, 8> kGroupNames{{
    {GroupKind::tensor, "tensor"},
    {GroupKind::context, "context"},
    {GroupKind::data, "data"},
    {GroupKind::replicas, "replicas"},
    {GroupKind::pipeline, "pipeline"},
    {GroupKind::expert, "expert"},
    {GroupKind::expert_tensor, "expert_tensor"},
    {GroupKind::expert_data, "expert_data"},
}};

/// How a group lies on nodes; the same for all groups of a kind when sizes divide each other, else of the
/// widest.
struct GroupSpan {
  int size = 1;
  int num_nodes = 1;
  int members_per_node = 1;  ///< most on one node
};

/// Members of every group, by arithmetic. Ranks count tp fastest, then cp, dp, pp for attention, and etp
/// fastest, then ep, edp, pp for experts: both foldings give every pipeline stage the same ranks. Rank r is
/// GPU r.
class ProcessGroups {
 public:
  /// The world size must be divisible by tp cp pp and by etp ep pp.
  ProcessGroups(const Layout& layout, int world_size);

  [[nodiscard]] int world_size() const { return world_size_; }
  [[nodiscard]] int size(GroupKind kind) const { return axis(kind).size; }
  [[nodiscard]] int num_groups(GroupKind kind) const { return world_size_ / size(kind); }
  /// The place of `rank` within its group, 0 .. size - 1.
  [[nodiscard]] int index_in(GroupKind kind, Rank rank) const;
  /// Members of the group of `rank`, ascending.
  [[nodiscard]] std::vector<Rank> group_of(GroupKind kind, Rank rank) const;
  /// Every group of a kind, by first member.
  [[nodiscard]] std::vector<std::vector<Rank>> groups(GroupKind kind) const;
  /// The pipeline rank of `rank`.
  [[nodiscard]] int pipeline_rank(Rank rank) const { return index_in(GroupKind::pipeline, rank); }
  [[nodiscard]] GroupSpan span(GroupKind kind, int gpus_per_node) const;
  /// Of the parts of a group that hold `members` neighbours each; `members` divides its size.
  [[nodiscard]] GroupSpan span_within(GroupKind kind, int members, int gpus_per_node) const;
  /// Of the GPUs that have the same place in each of those parts.
  [[nodiscard]] GroupSpan span_across(GroupKind kind, int members, int gpus_per_node) const;

 private:
  /// Members differ by multiples of `stride`.
  struct Axis {
    int size = 1;
    int stride = 1;
  };
  [[nodiscard]] GroupSpan span(const Axis& along, int gpus_per_node) const;
  [[nodiscard]] const Axis& axis(GroupKind kind) const { return axes_[static_cast<std::size_t>(kind)]; }

  int world_size_;
  std::array<Axis, kGroupNames.size()> axes_;
};

}  // namespace moesim
