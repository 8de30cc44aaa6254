#include "sim/plan/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/plan/plan_checks.hpp"

namespace moesim {
namespace {

constexpr double kGiB = 0x1p30;

PlanError::Violation memory_violation(const PlanInput& input, const MemoryPlan& memory) {
  const std::string change = nearest_fit(input);
  return {"/layout",
          fmt::format("pipeline rank {} needs {:.1f} GiB and {:.1f} GiB reserve; the GPU has {:.1f} GiB",
                      memory.peak_rank(), memory.peak().value() / kGiB, memory.reserve.value() / kGiB,
                      memory.capacity.value() / kGiB),
          change.empty() ? "no change of this layout fits: more GPUs, or a smaller model"
                         : "fits with " + change};
}

std::vector<std::string> warnings_of(const PlanInput& input) {
  std::vector<std::string> warnings;
  const Layout& layout = input.layout;
  if (std::max(layout.tp, layout.etp) > input.cluster.gpus_per_node) {
    warnings.push_back("tensor parallelism spans nodes");
  }
  const ScheduleShape pipeline = layout.pipeline(microbatches_of(input));
  if (pipeline.num_microbatches < layout.pp) {
    warnings.push_back(
        fmt::format("{} micro-batches do not fill {} pipeline ranks", pipeline.num_microbatches, layout.pp));
  }
  const bool together = rank_of(pipeline, num_stages(pipeline) - 1, pipeline.num_microbatches - 1) == 0;
  if (input.model.mtp_depth > 0 && input.recipe.memory.mtp_shares_embedding && !together) {
    warnings.push_back("embedding and MTP are on different ranks; the last holds a copy of the embedding");
  }
  return warnings;
}

}  // namespace

std::vector<PlanError::Violation> find_violations(const PlanInput& input) {
  auto violations = find_layout_violations(input);
  if (!violations.empty()) return violations;
  const MemoryPlan memory = memory_of(input);
  if (!memory.fits()) violations.push_back(memory_violation(input, memory));
  return violations;
}

Plan make_plan(const PlanInput& input) {
  Plan plan = make_plan_ignoring_memory(input);
  if (!plan.memory.fits()) throw PlanError({memory_violation(input, plan.memory)});
  return plan;
}

Plan make_plan_ignoring_memory(const PlanInput& input) {
  Plan plan = make_plan_without_memory(input);
  plan.memory = memory_of(plan);
  return plan;
}

Plan make_plan_without_memory(const PlanInput& input) {
  auto violations = find_layout_violations(input);
  if (!violations.empty()) throw PlanError(std::move(violations));
  const ScheduleShape shape = input.layout.pipeline(microbatches_of(input));
  Plan plan{input, ProcessGroups(input.layout, input.cluster.num_gpus()), shape, stages_of(input), {}, {}};
  plan.warnings = warnings_of(input);
  return plan;
}

void balance_by(Plan& plan, const LayerTimes& times) {
  plan.input.layer_times = times;
  plan.stages = stages_of(plan.input);
  plan.memory = {};
}

MemoryPlan memory_of(const Plan& plan) {
  return plan_memory(plan.memory_input(), plan.input.cluster.gpu_memory, plan.input.memory_reserve);
}

MemoryInput Plan::memory_input() const {
  return {input.model, input.layout, input.recipe, stages, input.cluster, num_microbatches(), input.sharding};
}

std::int64_t Plan::tokens_per_microbatch() const {
  return input.recipe.sequence_length * input.layout.micro_batch / input.layout.cp;
}

std::vector<StageId> Plan::stages_of_rank(int pipeline_rank) const {
  std::vector<StageId> held;
  for (int chunk = 0; chunk < num_chunks(schedule); ++chunk) {
    held.emplace_back(stage_of(schedule, pipeline_rank, chunk));
  }
  return held;
}

}  // namespace moesim
