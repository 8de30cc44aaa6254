#include "sim/training/step_costs.hpp"

#include <algorithm>

#include "sim/network/data_parallel.hpp"
#include "sim/plan/memory_plan.hpp"
#include "sim/training/transfer_costs.hpp"

namespace moesim {
namespace {

constexpr double kBf16Bytes = 2;

bool stages_share_nodes(const TrainingInputs& inputs) {
  const int gpus_of_pipeline = inputs.cluster().num_gpus();
  return gpus_of_pipeline <= inputs.cluster().gpus_per_node;
}

SyncScope scope_of_all(const Stack& stack, std::string_view phase) {
  const bool all = std::any_of(
      stack.sync_points.begin(), stack.sync_points.end(),
      [&](const SyncPoint& point) { return point.phase == phase && point.members == SyncMembers::all; });
  return all ? SyncScope::all : SyncScope::expert_group;
}

/// All copies of some parameters, on one pipeline rank or two.
ReplicaGroup copies_of(const TrainingInputs& inputs, GroupKind kind) {
  const GroupSpan span = inputs.plan.groups.span(kind, inputs.cluster().gpus_per_node);
  return {num_copies(inputs.plan.groups, kind, inputs.layout().schedule), span.members_per_node};
}

/// What FP32 moments read and write over BF16 ones, for which optimizer_traffic stands, per parameter.
double wider_moments_B(const Stack& stack) {
  return 4 * (bytes_per_element(stack.moment_type) - bytes_per_element(NumberFormat::bf16));
}

/// Both groups at once, `bytes` per parameter.
OperationCost over_replicas(const TrainingInputs& inputs, const RankParameters& parameters, double bytes,
                            Phase phase) {
  const Seconds latency = inputs.cluster().nic.latency;
  const CollectiveCost experts =
      ring_cost(Bytes(parameters.experts * bytes), copies_of(inputs, GroupKind::expert_data), latency);
  const CollectiveCost others =
      ring_cost(Bytes(parameters.others * bytes), copies_of(inputs, GroupKind::replicas), latency);
  OperationCost cost;
  cost.phase = phase;
  cost.sync = scope_of_all(inputs.stack, to_string(phase));
  cost.delay_s = std::max(experts.latency, others.latency).value();
  cost.nic_B = (experts.nic + others.nic).value();
  cost.nvlink_B = (experts.nvlink + others.nvlink).value();
  cost.issue_s = cost.first_issue_s = inputs.constant("launch");
  return cost;
}

}  // namespace

std::uint32_t price_send(const TrainingInputs& inputs, Phase phase, CostTable& table) {
  const Bytes bytes(inputs.tokens() * static_cast<double>(inputs.model().hidden) * kBf16Bytes);
  OperationCost cost;
  cost.phase = phase;
  if (stages_share_nodes(inputs)) {
    cost.delay_s = inputs.cluster().nvlink.latency.value();
    cost.nvlink_B = bytes.value();
  } else {
    const CollectiveCost send = send_cost(bytes, inputs.cluster().nic.latency);
    cost.delay_s = send.latency.value();
    cost.nic_B = send.nic.value();
  }
  cost.issue_s = cost.first_issue_s = inputs.constant("launch");
  return table.add(cost, {.derived = 1});
}

RankParameters rank_parameters(const TrainingInputs& inputs, int pipeline_rank) {
  const Plan& plan = inputs.plan;
  const MemoryInput memory{plan.input.model, plan.input.layout,  plan.input.recipe,
                           plan.stages,      plan.input.cluster, plan.num_microbatches()};
  const std::vector<StageId> stages = plan.stages_of_rank(pipeline_rank);
  const bool holds_embedding = std::any_of(
      stages.begin(), stages.end(), [&](StageId stage) { return plan.stages[stage.index()].has_embedding; });
  RankParameters sum;
  for (StageId stage : stages) {
    const StageParameters count = stage_parameters(memory, plan.stages[stage.index()], holds_embedding);
    sum.experts += count.experts;
    sum.others += count.linear + count.plain;
  }
  const auto shard = [&](double count, GroupKind kind) {
    const Layout& layout = plan.input.layout;
    return layout.zero >= 1 ? count / num_copies(plan.groups, kind, layout.schedule) : count;
  };
  sum.expert_shard = shard(sum.experts, GroupKind::expert_data);
  sum.other_shard = shard(sum.others, GroupKind::replicas);
  return sum;
}

StepEndCosts price_step_end(const TrainingInputs& inputs, int pipeline_rank, CostTable& table) {
  const RankParameters parameters = rank_parameters(inputs, pipeline_rank);
  const CalibrationProfile& profile = inputs.profile;
  const double hbm = profile.gpu().hbm_bandwidth.value() * profile.value("small_kernel_bandwidth");
  const double shard = parameters.expert_shard + parameters.other_shard;
  const bool fp8 = inputs.recipe().precision == TrainingPrecision::fp8;
  const double requantised = fp8 ? parameters.experts + parameters.others : 0;
  OperationCost optimizer;
  optimizer.phase = Phase::optimizer;
  optimizer.delay_s = inputs.constant("gradient_norm");
  optimizer.work_s = (shard * (inputs.constant("optimizer_traffic") + wider_moments_B(inputs.stack)) +
                      requantised * inputs.constant("requantise")) /
                     hbm;
  const double launch = inputs.constant("launch");
  optimizer.issue_s = inputs.stack.num_kernels_of("optimizer") * launch;
  optimizer.first_issue_s = std::min(optimizer.issue_s, launch);
  StepEndCosts costs;
  const double gradient = bytes_per_element(inputs.stack.gradient_type);
  const double gathered = inputs.layout().zero >= 1 ? kBf16Bytes : gradient;
  costs.reduce_scatter =
      table.add(over_replicas(inputs, parameters, gradient, Phase::reduce_scatter), {.derived = 1});
  costs.optimizer = table.add(optimizer, {.assumed = 1});
  costs.all_gather =
      table.add(over_replicas(inputs, parameters, gathered, Phase::all_gather), {.derived = 1});
  return costs;
}

}  // namespace moesim
