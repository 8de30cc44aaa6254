#pragma once

#include "sim/cluster/cost.hpp"
#include "sim/serving/serving_run.hpp"

namespace moesim {

/// Watts that a GPU draws above idle, as shares of (peak - idle), with all SMs at work and at the full
/// bandwidth of its memory. Both are assumed: an FP8 GEMM reaches the cap, decoding 400 to 500 of 700 W.
inline constexpr double kSmPowerShare = 0.80;
inline constexpr double kHbmPowerShare = 0.45;

/// Energy of the allotted nodes of all pools over the measured time: GPUs idle + SM + HBM, at most their
/// peak, the rest of the nodes, one network port a GPU, times the facility's overhead.
double fleet_energy_J(const ServingInputs& inputs, const FleetResult& fleet);

/// Price of the allotted GPUs of all pools over the measured time, with what they draw.
CostParts fleet_cost(const ServingInputs& inputs, const FleetResult& fleet);

}  // namespace moesim
