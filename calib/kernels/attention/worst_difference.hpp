#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace moesim {

/// The largest of several differences; NaN where one is no number (which std::max may lose).
inline double worst_difference(std::initializer_list<double> differences) {
  for (const double difference : differences) {
    if (!std::isfinite(difference)) return std::numeric_limits<double>::quiet_NaN();
  }
  return std::max(differences);
}

}  // namespace moesim
