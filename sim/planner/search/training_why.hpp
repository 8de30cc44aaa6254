#pragma once

#include "base/json.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// Where a step goes, part by part: rows [{part, winner_s, runner_up_s, own_s}] of the waterfalls, null where
/// a layout is null, and what keeps the winner from more: limited_by [text].
Json layouts_compared(const TrainingInputs& winner, const TrainingInputs* runner_up,
                      const TrainingInputs* own, int threads);

/// By how much the winner's step is shorter than the other's, as a share of it, and the inputs with stated
/// ends that move this most: {gain_fraction, assumptions: [{name, owner, provenance, low, high, gain_low,
/// gain_high}]}, at most five, the gains with the input at either end.
Json assumptions_behind(const TrainingInputs& winner, const TrainingInputs& other, int threads);

}  // namespace moesim
