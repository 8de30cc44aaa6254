#pragma once

#include <memory>

#include "sim/serving/step/unit_costs.hpp"

namespace moesim {

/// Costs of a unit whose experts are spread over all of its GPUs and reached by DeepEP, in two micro-batches
/// of which one computes while the other communicates, as the stack's serving policy says; without overlap
/// where it, or the pool, says none. docs/serving-model.md, "Wide expert parallelism". Throws PlanError for a
/// layout or model that this is not.
std::shared_ptr<const StepCosts> make_overlapped_costs(const UnitCostInput& input);

/// Adds the time of one iteration of such a unit by provenance, times `weight`: every part of the step in the
/// proportions of the kernels and transfers that it is made of.
void account_overlapped_step(const UnitCostInput& input, const StepBatch& batch, const ExpertState& experts,
                             double weight, ProvenanceAccount& account);

}  // namespace moesim
