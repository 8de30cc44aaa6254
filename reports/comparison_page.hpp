#pragma once

#include <string>

#include "sim/results/comparison.hpp"

namespace moesim {

/// A comparison as one HTML page that needs nothing else: pictures of where time and memory go, then every
/// section as a table, differences to the first result in colour, warnings.
std::string comparison_page(const Comparison& comparison);

}  // namespace moesim
