#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "calib/profile/constant.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/routing/layer_routing.hpp"
#include "sim/routing/placement.hpp"
#include "sim/routing_run/routing_scenario.hpp"

namespace moesim {

/// Everything that a run is made from, read and checked.
struct RoutingInputs {
  RoutingScenario scenario;
  std::string file;  ///< of the scenario, for errors
  ModelSpec model;
  ClusterSpec cluster;
  GateSpec gate;
  AffinitySpec affinity;                    ///< the scenario's, with the drift of its dynamics
  LossDynamics losses;                      ///< of its dynamics
  std::vector<ResolvedConstant> constants;  ///< of its dynamics
  std::vector<int> layers;                  ///< of the model, ascending
  std::vector<std::string> warnings;

  /// What the placement is asked to be, with `redundant_experts` slots beyond one for each expert.
  [[nodiscard]] PlacementSize placement_size(int redundant_experts) const;
  [[nodiscard]] LossShape loss_shape() const;
  [[nodiscard]] LayerRoutingSpec layer_spec(int layer) const;
  [[nodiscard]] std::int64_t measured_steps() const;
  [[nodiscard]] std::int64_t first_measured() const { return scenario.batch.steps - measured_steps(); }
};

/// Reads what the scenario names, `excluded` sources left out, and says all that forbids to run it. Throws
/// SpecError for names, models and clusters that are none, CalibrationError for dynamics.
struct RoutingPlan {
  RoutingInputs inputs;
  std::vector<PlanError::Violation> violations;
};
RoutingPlan plan_routing(const RoutingScenario& scenario, const std::string& file,
                         const SourceSet& excluded = {});

/// Throws SpecError, CalibrationError, and PlanError with every violation.
RoutingInputs load_routing(const RoutingScenario& scenario, const std::string& file,
                           const SourceSet& excluded = {});

/// The layers of a run: `count` of the model's MoE layers at even distances, all of them for 0.
std::vector<int> routed_layers(const ModelSpec& model, int count);

}  // namespace moesim
