#pragma once

#include <vector>

#include "calib/measure/suite.hpp"

namespace moesim {

// One pair of functions for each bench family, in suite/FAMILY_cases.cpp:
//   std::vector<MeasuredCase> FAMILY_cases();
//   MeasuredCase FAMILY_random_case(RandomStream& random);

}  // namespace moesim
