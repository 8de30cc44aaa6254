#include "sim/plan/sharding.hpp"

#include <algorithm>

#include "sim/plan/memory_plan.hpp"

namespace moesim {
namespace {

/// Members of one sharding group.
int members_within(const ProcessGroups& groups, GroupKind kind, const Layout& layout) {
  const int all = std::max(1, groups.size(kind));  // a model without experts may have no place for any
  if (!layout.shard) return all;
  if (kind == GroupKind::replicas) return std::min(all, *layout.shard);
  return std::clamp(*layout.shard * layout.tp / (layout.etp * layout.ep), 1, all);
}

}  // namespace

bool reshards_weights(const Layout& layout, const ShardingPolicy& policy) {
  return layout.zero == 3 && policy.reshard_after_forward.value_or(layout.pp == 1);
}

bool reduces_every_microbatch(const Layout& layout, const ShardingPolicy& policy) {
  const bool usual = layout.zero == 2 || (layout.zero == 3 && layout.pp == 1);
  return policy.reduce_every_microbatch.value_or(usual);
}

ShardSpans shard_spans(const ProcessGroups& groups, GroupKind kind, const Layout& layout, int gpus_per_node) {
  const int within = members_within(groups, kind, layout);
  return {groups.span_within(kind, within, gpus_per_node), groups.span_across(kind, within, gpus_per_node)};
}

int num_shards(const ProcessGroups& groups, GroupKind kind, const Layout& layout) {
  if (layout.zero == 0) return 1;
  const int all = std::max(1, num_copies(groups, kind, layout.schedule));
  return layout.shard ? std::min(all, members_within(groups, kind, layout)) : all;
}

}  // namespace moesim
