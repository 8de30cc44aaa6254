#pragma once

#include <memory>

#include "sim/serving/step/unit_costs.hpp"

namespace moesim {

/// Costs of a unit that runs one batch after the other inside one NVLink domain: tensor-parallel, or several
/// attention ranks whose tokens are gathered before the experts and scattered behind. Throws PlanError for a
/// unit of several nodes or a model without draft layers that shall draft.
std::shared_ptr<const StepCosts> make_plain_costs(const UnitCostInput& input);

/// Adds the time of one of its iterations by provenance, times `weight`.
void account_plain_step(const UnitCostInput& input, const StepBatch& batch, const ExpertState& experts,
                        double weight, ProvenanceAccount& account);

}  // namespace moesim
