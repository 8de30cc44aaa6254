#pragma once

#include <memory>
#include <string>
#include <vector>

#include "calib/profile/profile.hpp"
#include "calib/profile/provenance_account.hpp"
#include "calib/profile/stack.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/serving/deployment/pool_spec.hpp"
#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// What the iterations of a pool's units cost is made from. Everything outlives the costs.
struct UnitCostInput {
  const ModelSpec* model = nullptr;
  const ClusterSpec* cluster = nullptr;
  const CalibrationProfile* profile = nullptr;
  const Stack* stack = nullptr;
  const PoolSpec* pool = nullptr;
};

/// The costs of a pool, by how its layout and stack run an iteration: one batch after the other, or two
/// micro-batches of which one computes while the other communicates. Throws CalibrationError where nothing
/// answers, PlanError for what is not modelled.
std::shared_ptr<const StepCosts> make_step_costs(const UnitCostInput& input);

/// Adds the time of one iteration by provenance, times `weight`.
void account_step(const UnitCostInput& input, const StepBatch& batch, const ExpertState& experts,
                  double weight, ProvenanceAccount& account);

}  // namespace moesim
