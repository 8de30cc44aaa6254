#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "calib/profile/shared_profile.hpp"
#include "calib/profile/stack.hpp"
#include "sim/plan/plan.hpp"
#include "sim/routing/router.hpp"
#include "sim/training/training_scenario.hpp"

namespace moesim {

class KnownWork;

/// Everything that a step is made from, read and checked.
struct TrainingInputs {
  TrainingScenario scenario;
  Plan plan;
  SharedProfile profile;
  Stack stack;
  RoutingGroup group;                        ///< every expert group of the plan
  std::shared_ptr<const LayerLoads> routed;  ///< what simulated or recorded routing gives; else nothing
  std::vector<std::string> warnings;
  std::shared_ptr<KnownWork> known_work;  ///< of this model, recipe, profile and stack; may be empty

  [[nodiscard]] const ModelSpec& model() const { return plan.input.model; }
  [[nodiscard]] const ClusterSpec& cluster() const { return plan.input.cluster; }
  [[nodiscard]] const Layout& layout() const { return plan.input.layout; }
  [[nodiscard]] const TrainingRecipe& recipe() const { return plan.input.recipe; }
  [[nodiscard]] double constant(std::string_view name) const {
    return stack.value(name, profile->excluded());
  }
  /// Tokens of one micro-batch on one tensor-parallel group.
  [[nodiscard]] double tokens() const { return static_cast<double>(plan.tokens_per_microbatch()); }
  /// Those of one GPU between the parts that tensor parallelism splits: what it dispatches and sends.
  /// Whether a context-parallel group exchanges the latents of keys and values, which each GPU projects up
  /// for itself, instead of keys and values: where the layout recomputes that projection.
  [[nodiscard]] bool exchanges_latents() const {
    return layout().cp > 1 && model().uses_mla() && layout().recomputes(Recompute::mla_up_projection);
  }
  [[nodiscard]] double local_tokens() const { return tokens() / layout().token_parts(); }
};

/// Model, cluster, layout and recipe of a scenario. Paths in it are relative to `file`. Throws SpecError.
PlanInput plan_input_of(const TrainingScenario& scenario, const std::string& file);

/// The same with formats and memory reserve as the scenario's stack has them: what a plan is made of, also of
/// a layout that is not modelled. Throws SpecError and CalibrationError.
PlanInput load_plan_input(const TrainingScenario& scenario, const std::string& file,
                          const SourceSet& excluded);

/// Whether a layout that exceeds the GPU's memory is refused, or let through to show where the memory goes.
enum class MemoryCheck : std::uint8_t { required, skipped };

/// What a scenario names, loaded; its recordings by their paths.
struct TrainingParts {
  TrainingScenario scenario;
  PlanInput input;
  SharedProfile profile;
  Stack stack;
};

/// Throws SpecError and CalibrationError.
TrainingParts load_training_parts(const TrainingScenario& scenario, const std::string& file,
                                  const SourceSet& excluded);

/// Loads what a scenario names. Throws SpecError, CalibrationError, and PlanError with every violation; what
/// is not modelled is a violation.
TrainingInputs load_training(const TrainingScenario& scenario, const std::string& file,
                             const SourceSet& excluded, MemoryCheck memory = MemoryCheck::required);

/// The same from parts that are loaded already. `known_work` is of them, or empty.
TrainingInputs make_training(const TrainingScenario& scenario, PlanInput input, SharedProfile profile,
                             Stack stack, MemoryCheck memory = MemoryCheck::required,
                             std::shared_ptr<KnownWork> known_work = {});

}  // namespace moesim
