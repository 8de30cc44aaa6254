#pragma once

#include <utility>
#include <vector>

namespace moesim {

/// The value below which half of the weight lies, linear between the middles of neighbours. `values` of
/// {value, weight above 0}, not empty.
double weighted_median(std::vector<std::pair<double, double>> values);

}  // namespace moesim
