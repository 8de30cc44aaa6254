#pragma once

#include <vector>

#include "base/error.hpp"
#include "calib/profile/stack.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/plan/layout.hpp"
#include "sim/training/training_scenario.hpp"

namespace moesim {

/// What a layout asks for and the replay of a step does not do (docs/limits.md).
std::vector<PlanError::Violation> find_unmodelled(const Layout& layout);

/// The same of a whole scenario.
std::vector<PlanError::Violation> find_unmodelled(const TrainingScenario& scenario,
                                                  const ClusterSpec& cluster, const Stack& stack);

}  // namespace moesim
