#pragma once

#include <string>

#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"
#include "sim/plan/plan.hpp"
#include "sim/routing/router.hpp"
#include "sim/training/training_scenario.hpp"

namespace moesim {

/// Everything that a step is made from, read and checked.
struct TrainingInputs {
  TrainingScenario scenario;
  Plan plan;
  CalibrationProfile profile;
  Stack stack;

  [[nodiscard]] const ModelSpec& model() const { return plan.input.model; }
  [[nodiscard]] const ClusterSpec& cluster() const { return plan.input.cluster; }
  [[nodiscard]] const Layout& layout() const { return plan.input.layout; }
  [[nodiscard]] const TrainingRecipe& recipe() const { return plan.input.recipe; }
  [[nodiscard]] double constant(std::string_view name) const { return stack.value(name, profile.excluded()); }
};

/// Loads what a scenario names. Paths in the scenario are relative to `file`. Throws SpecError, CalibrationError,
/// and PlanError with every violation; what is not modelled is a violation.
TrainingInputs load_training(const TrainingScenario& scenario, const std::string& file, const SourceSet& excluded);

/// What routing does to one expert group of the plan.
RoutedLoad routed_load(const TrainingInputs& inputs);

}  // namespace moesim
