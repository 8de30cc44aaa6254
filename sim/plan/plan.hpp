#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/quantity.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/plan/layout.hpp"
#include "sim/plan/memory_plan.hpp"
#include "sim/plan/process_groups.hpp"
#include "sim/plan/stage_assignment.hpp"
#include "sim/schedule/schedule_shape.hpp"
#include "workloads/training_recipe.hpp"

namespace moesim {

/// Context, NCCL, fragmentation (assumed: 3 to 6 GB); buffers and workspace are items of the plan.
inline constexpr Bytes kDefaultMemoryReserve{4e9};

/// What a training plan is made of.
struct PlanInput {
  ModelSpec model;
  ClusterSpec cluster;
  Layout layout;
  TrainingRecipe recipe;
  std::optional<LayerTimes> layer_times;  ///< for the balance of stages; absent: by FLOPs
  Bytes memory_reserve = kDefaultMemoryReserve;
  ShardingPolicy sharding;
  /// Whether the kind of scenario can run a layout; the nearest change that fits keeps to those. Empty: all.
  std::function<bool(const Layout&)> is_modelled;
};

/// A layout that can run: all that follows may rely on it.
struct Plan {
  PlanInput input;
  ProcessGroups groups;
  ScheduleShape schedule;            ///< of one pipeline
  std::vector<StageContent> stages;  ///< [num_stages(schedule)]
  MemoryPlan memory;
  std::vector<std::string> warnings;

  /// What the memory plan was made from; points into this plan.
  [[nodiscard]] MemoryInput memory_input() const;
  [[nodiscard]] int num_microbatches() const { return schedule.num_microbatches; }
  /// Tokens of one micro-batch on one GPU outside tensor-parallel regions.
  [[nodiscard]] std::int64_t tokens_per_microbatch() const;
  /// Stages held by a pipeline rank, by chunk.
  [[nodiscard]] std::vector<StageId> stages_of_rank(int pipeline_rank) const;
};

/// Everything that forbids the layout, in the order of its keys; sizes, divisions and micro-batches first.
/// Memory is looked at only when nothing else is wrong; its hint is the nearest change that fits. Pointers
/// are a scenario's.
std::vector<PlanError::Violation> find_violations(const PlanInput& input);

/// Throws PlanError with all violations.
Plan make_plan(const PlanInput& input);

/// The same with a layout that exceeds the GPU's memory let through, to show where the memory goes.
Plan make_plan_ignoring_memory(const PlanInput& input);

/// The same without its memory plan, for one whose stages are still to be balanced by other times.
Plan make_plan_without_memory(const PlanInput& input);

/// Balances the stages of a plan by `times`, where its layout leaves them open. Its memory plan goes.
void balance_by(Plan& plan, const LayerTimes& times);

/// What the stages of a plan need of its GPUs.
MemoryPlan memory_of(const Plan& plan);

/// What `moesim plan` writes: stages, process groups, topology, memory by pipeline rank and item.
Json plan_json(const Plan& plan);

}  // namespace moesim
