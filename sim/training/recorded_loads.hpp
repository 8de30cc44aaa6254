#pragma once

#include <string>
#include <vector>

#include "sim/training/training_inputs.hpp"

namespace moesim {

/// Tokens that a rank of an expert group brings to a micro-batch: those of all members of its
/// expert-tensor-parallel group.
std::int64_t tokens_per_expert_rank(const TrainingInputs& inputs);

/// The loads of the recording of `routing`. Throws SpecError for a faulty file, PlanError at
/// /routing/recorded where it is not of the plan's model or shorter than a micro-batch.
LayerLoads recorded_loads(const TrainingInputs& inputs, const RoutingChoice& routing);

/// What the recording does not tell.
std::vector<std::string> recorded_warnings(const RoutingChoice& routing);

}  // namespace moesim
