#pragma once

#include <optional>

#include "sim/plan/process_groups.hpp"

namespace moesim {

/// How software shards over replicas, as far as memory depends on it.
struct ShardingPolicy {
  std::optional<bool> reshard_after_forward;    ///< absent: without pipeline parallelism
  std::optional<bool> reduce_every_microbatch;  ///< absent: ZeRO 2, and ZeRO 3 without pipeline parallelism
  int prefetch_layers = 1;                      ///< ZeRO 3: gathers in front of the layer that computes
};

/// Whether weights are gathered again for each backward; without it a gathered weight stays until the
/// optimizer.
bool reshards_weights(const Layout& layout, const ShardingPolicy& policy);

/// Whether each micro-batch's gradients are reduced by themselves, so that only shards accumulate. Without it
/// whole gradients accumulate, whatever `zero` is.
bool reduces_every_microbatch(const Layout& layout, const ShardingPolicy& policy);

/// Copies of some parameters: `within` a group that shards them, and `across` such groups, which hold equal
/// shards.
struct ShardSpans {
  GroupSpan within;
  GroupSpan across;
};

/// Of the replicas (GroupKind::replicas) or of routed experts (expert_data). `layout.shard` replicas next to
/// each other shard together, and so do the copies of an expert among their GPUs; all of them without it.
ShardSpans shard_spans(const ProcessGroups& groups, GroupKind kind, const Layout& layout, int gpus_per_node);

/// Copies that share one set of states, on all pipeline ranks that have the stage. 1 with `zero` 0.
int num_shards(const ProcessGroups& groups, GroupKind kind, const Layout& layout);

}  // namespace moesim
