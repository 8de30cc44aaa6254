#include "sim/training/step_costs.hpp"

#include <algorithm>

#include "sim/network/data_parallel.hpp"
#include "sim/plan/memory_plan.hpp"
#include "sim/training/data_parallel_costs.hpp"
#include "sim/training/transfer_costs.hpp"

namespace moesim {
namespace {

constexpr double kBf16Bytes = 2;

bool stages_share_nodes(const TrainingInputs& inputs) {
  const int gpus_of_pipeline = inputs.cluster().num_gpus();
  return gpus_of_pipeline <= inputs.cluster().gpus_per_node;
}

/// What FP32 moments read and write over BF16 ones, for which optimizer_traffic stands, per parameter.
double wider_moments_B(const Stack& stack) {
  return 4 * (bytes_per_element(stack.moment_type) - bytes_per_element(NumberFormat::bf16));
}

/// Bytes per parameter that copies for GEMMs read and write: those of one FP8 copy as the stack has them, the
/// second of MXFP8 and its scales written besides.
double requantise_B(const TrainingInputs& inputs) {
  switch (inputs.recipe().precision) {
    case TrainingPrecision::bf16:
      return 0;
    case TrainingPrecision::fp8:
      return inputs.constant("requantise");
    case TrainingPrecision::mxfp8:
      return inputs.constant("requantise") + inputs.recipe().weight_copy_bytes() - 1;
  }
  return 0;
}

}  // namespace

std::uint32_t price_send(const TrainingInputs& inputs, Phase phase, CostTable& table) {
  const Bytes bytes(inputs.local_tokens() * static_cast<double>(inputs.model().hidden) * kBf16Bytes);
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
  const MemoryInput memory = plan.memory_input();
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
    return count / num_shards(plan.groups, kind, plan.input.layout);
  };
  sum.expert_shard = shard(sum.experts, GroupKind::expert_data);
  sum.other_shard = shard(sum.others, GroupKind::replicas);
  return sum;
}

std::uint32_t price_optimizer(const TrainingInputs& inputs, int pipeline_rank, CostTable& table) {
  const RankParameters parameters = rank_parameters(inputs, pipeline_rank);
  const CalibrationProfile& profile = inputs.profile;
  const double hbm = profile.gpu().hbm_bandwidth.value() * profile.value("small_kernel_bandwidth");
  const double shard = parameters.expert_shard + parameters.other_shard;
  const double requantised = parameters.experts + parameters.others;
  OperationCost optimizer;
  optimizer.phase = Phase::optimizer;
  optimizer.delay_s = inputs.constant("gradient_norm");
  optimizer.work_s = (shard * (inputs.constant("optimizer_traffic") + wider_moments_B(inputs.stack)) +
                      requantised * requantise_B(inputs)) /
                     hbm;
  const double launch = inputs.constant("launch");
  optimizer.issue_s = inputs.stack.num_kernels_of("optimizer") * launch;
  optimizer.first_issue_s = std::min(optimizer.issue_s, launch);
  return table.add(optimizer, {.assumed = 1});
}

}  // namespace moesim
