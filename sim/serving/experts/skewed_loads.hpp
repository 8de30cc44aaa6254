#pragma once

#include <cstdint>
#include <memory>

#include "sim/serving/experts/expert_groups.hpp"
#include "sim/serving/experts/expert_load_spec.hpp"
#include "sim/serving/experts/expert_state.hpp"

namespace moesim {

/// Loads of experts whose popularity is lognormal (or even), tabulated over tokens in powers of two and
/// several draws, means over `num_layers` layers. A layer draws the shares of its experts; a token takes an
/// expert with the chance top_k x share, at most 1. Counts of experts are binomial, replicas share them
/// evenly. EPLB plans from popularities that have drifted since: their logarithms correlate with the present
/// ones as the drift says over the mean age of a plan's loads, window / 2 + lag + replan_every / 2.
/// Throws SpecError (pointers of ExpertLoadSpec) for other laws, topics and persistence.
std::shared_ptr<const ExpertLoads> make_skewed_loads(const ExpertGroups& groups, int num_layers,
                                                     const ExpertLoadSpec& spec, std::uint64_t seed);

}  // namespace moesim
