#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/serving/deployment/unit_memory.hpp"
#include "sim/serving/experts/expert_rebalance.hpp"
#include "sim/serving/experts/expert_state.hpp"
#include "sim/serving/fleet/fleet_scenario.hpp"
#include "sim/serving/serving_scenario.hpp"
#include "sim/serving/step/step_costs.hpp"
#include "sim/serving/step/unit_costs.hpp"

namespace moesim {

/// A pool with everything that it is made from.
struct PoolInputs {
  std::string name;
  PoolSpec spec;
  ClusterSpec cluster;
  std::shared_ptr<const CalibrationProfile> profile;
  std::shared_ptr<const Stack> stack;
  UnitMemory memory;
  std::shared_ptr<const StepCosts> costs;      ///< null until loaded for a run
  std::shared_ptr<const ExpertLoads> experts;  ///< the same
  RebalanceCost rebalance;                     ///< of moving experts, nothing until loaded for a run

  [[nodiscard]] double nodes_per_unit() const {
    return static_cast<double>(spec.layout.gpus) / cluster.gpus_per_node;
  }
  [[nodiscard]] double constant_or(const char* constant, double otherwise) const {
    return stack->value_or(constant, profile->excluded(), otherwise);
  }
};

/// Everything that a run is made from, read and checked. Not copied: costs refer to the pools.
struct ServingInputs {
  ServingScenario scenario;
  std::string file;  ///< of the scenario, for errors
  ModelSpec model;
  std::vector<std::unique_ptr<PoolInputs>> pools;  ///< in order of their names
  std::vector<std::string> warnings;

  [[nodiscard]] UnitCostInput cost_input(const PoolInputs& pool) const {
    return {&model, &pool.cluster, pool.profile.get(), pool.stack.get(), &pool.spec};
  }
  /// Whether a pool generates: colocated or decode.
  [[nodiscard]] static bool generates(const PoolInputs& pool) { return pool.spec.role != PoolRole::prefill; }
};

/// Memory of a GPU of the pool's units, by its stack's shares.
UnitMemory memory_of(const ModelSpec& model, const PoolInputs& pool);

/// Reads what the scenario names, `excluded` sources left out, and says all that forbids to run it; no times
/// yet. Throws SpecError and CalibrationError for names that are none.
struct ServingPlan {
  std::unique_ptr<ServingInputs> inputs;
  std::vector<PlanError::Violation> violations;
};
ServingPlan plan_serving(const ServingScenario& scenario, const std::string& file,
                         const SourceSet& excluded = {});

/// The same with costs of iterations and expert loads. Throws PlanError with every violation.
std::unique_ptr<ServingInputs> load_serving(const ServingScenario& scenario, const std::string& file,
                                            const SourceSet& excluded = {});

/// The fleet that the inputs describe; what it refers to outlives it.
FleetScenario fleet_of(const ServingInputs& inputs);

}  // namespace moesim
