#include "sim/training/data_parallel_costs.hpp"

#include <algorithm>

#include "sim/network/data_parallel.hpp"
#include "sim/plan/memory_plan.hpp"

namespace moesim {
namespace {

constexpr double kBf16Bytes = 2;

SyncScope scope_of_all(const Stack& stack, std::string_view phase) {
  const bool all = std::any_of(
      stack.sync_points.begin(), stack.sync_points.end(),
      [&](const SyncPoint& point) { return point.phase == phase && point.members == SyncMembers::all; });
  return all ? SyncScope::all : SyncScope::expert_group;
}

/// Copies of some parameters that shard them together, on all pipeline ranks that have the stage.
ReplicaGroup within(const TrainingInputs& inputs, GroupKind kind) {
  const Layout& layout = inputs.layout();
  const ShardSpans spans = shard_spans(inputs.plan.groups, kind, layout, inputs.cluster().gpus_per_node);
  const int size = layout.shard ? spans.within.size : num_copies(inputs.plan.groups, kind, layout.schedule);
  return {size, spans.within.members_per_node};
}

/// Copies of a shard in other sharding groups.
ReplicaGroup across(const TrainingInputs& inputs, GroupKind kind) {
  const GroupSpan span =
      shard_spans(inputs.plan.groups, kind, inputs.layout(), inputs.cluster().gpus_per_node).across;
  return {span.size, span.members_per_node};
}

/// A ring of both kinds of parameters, `bytes` of each in `passes` rounds: two make an all-reduce.
OperationCost ring_of(const TrainingInputs& inputs, const BucketParameters& bucket, double bytes,
                      double passes, Phase phase, ReplicaGroup (*group)(const TrainingInputs&, GroupKind)) {
  const Seconds latency = inputs.cluster().nic.latency;
  const CollectiveCost experts =
      ring_cost(Bytes(bucket.experts * bytes), group(inputs, GroupKind::expert_data), latency);
  const CollectiveCost others =
      ring_cost(Bytes(bucket.others * bytes), group(inputs, GroupKind::replicas), latency);
  OperationCost cost;
  cost.phase = phase;
  cost.sync = scope_of_all(inputs.stack, to_string(phase));
  cost.holds_sms = inputs.stack.data_parallel.holds_sms;
  cost.delay_s = passes * std::max(experts.latency, others.latency).value();
  cost.nic_B = passes * (experts.nic + others.nic).value();
  cost.nvlink_B = passes * (experts.nvlink + others.nvlink).value();
  cost.issue_s = cost.first_issue_s = inputs.constant("launch");
  return cost;
}

}  // namespace

std::vector<std::uint32_t> price_reduce(const TrainingInputs& inputs, const BucketParameters& bucket,
                                        CostTable& table) {
  const double gradient = bytes_per_element(inputs.stack.gradient_type);
  std::vector<std::uint32_t> costs{
      table.add(ring_of(inputs, bucket, gradient, 1, Phase::reduce_scatter, within), {.derived = 1})};
  if (!inputs.layout().shard) return costs;
  const BucketParameters shard{
      bucket.experts / within(inputs, GroupKind::expert_data).size,
      bucket.others / within(inputs, GroupKind::replicas).size,
  };
  costs.push_back(
      table.add(ring_of(inputs, shard, gradient, 2, Phase::reduce_scatter, across), {.derived = 1}));
  return costs;
}

std::uint32_t price_gather(const TrainingInputs& inputs, const BucketParameters& bucket, CostTable& table) {
  const double bytes = inputs.layout().zero >= 1 ? kBf16Bytes : bytes_per_element(inputs.stack.gradient_type);
  return table.add(ring_of(inputs, bucket, bytes, 1, Phase::all_gather, within), {.derived = 1});
}

}  // namespace moesim
