#pragma once

#include <string>
#include <vector>

#include "sim/training/training_inputs.hpp"

namespace moesim {

/// Which kernels of the layers no timed point answers, so that peak rates and an assumed efficiency stand in
/// (Grade::rule). Small kernels always follow their bytes and are not named. Empty: none.
std::vector<std::string> rule_warnings(const TrainingInputs& inputs);

}  // namespace moesim
