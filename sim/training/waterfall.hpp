#pragma once

#include "base/json.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// Where the time of a step goes: rows {name, seconds, low_s, high_s, source, note} that add up to the step.
/// The first rows are mean work of a GPU, priced more and more fully; the later ones are what each effect
/// adds when it joins those before it, found by replays of representative GPUs. low_s and high_s come from
/// the interval of the row's own input or constants, and equal `seconds` where none is stated.
Json training_waterfall(const TrainingInputs& inputs);

}  // namespace moesim
