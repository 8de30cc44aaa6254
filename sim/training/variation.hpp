#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "sim/results/varied_input.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// Every number that a step depends on: constants of stack and calibration within their intervals, timed
/// entries with a spread (all of one operator and format together: -1 is their p10, 1 their p90), numbers of
/// cluster, recipe, routing and GPU. No counts. In this order, each as the files have them.
std::vector<VariedInput> varied_inputs(const TrainingInputs& inputs);

/// The same step with other values of varied_inputs(). The plan stays as it is.
TrainingInputs with_values(const TrainingInputs& inputs, const InputValues& values);

enum class IntervalEnd : std::uint8_t { low, high };

/// The same step with one input at an end of its interval, by its name in varied_inputs(). An input that is
/// not there changes nothing.
TrainingInputs at_interval_end(const TrainingInputs& inputs, std::string_view name, IntervalEnd end);

/// The whole summary of the step, replayed by the replay engine with representative GPUs whatever the
/// scenario asks for: 50 to 100 ms for DeepSeek-V3. Throws RunError.
Json representative_summary(const TrainingInputs& inputs);

}  // namespace moesim
