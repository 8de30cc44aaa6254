#pragma once

#include <memory>
#include <vector>

#include "sim/results/varied_input.hpp"
#include "sim/serving/serving_inputs.hpp"

namespace moesim {

/// Numbers that a serving run depends on: constants of stacks and calibrations within their intervals, timed
/// entries with a spread (all of one operator and format together: -1 is their p10, 1 their p90), numbers of
/// clusters and GPUs, slowdown of each pool's kernels, rate of arrivals. No counts and lengths. Each name is
/// there once: of several stacks, calibrations or clusters the second and later ones stand behind "OWNER:".
std::vector<VariedInput> varied_inputs(const ServingInputs& inputs);

/// The same run with other values of varied_inputs(): memory and costs of iterations are worked out again,
/// expert loads are shared. Where weights do not fit any more the memory says so. Throws CalibrationError.
std::unique_ptr<ServingInputs> with_values(const ServingInputs& inputs, const InputValues& values);

}  // namespace moesim
