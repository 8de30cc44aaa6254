#pragma once

#include <algorithm>
#include <cmath>

namespace moesim {

/// a - b of two sums that are built up each by itself; 0 where it is below 1e-12 of the larger, which is
/// what rounding leaves of equal ones: 2^-53 a term, and it grows with the root of their number.
inline double resolved_difference(double a, double b) {
  constexpr double kResolved = 1e-12;
  const double difference = a - b;
  return std::abs(difference) < kResolved * std::max(std::abs(a), std::abs(b)) ? 0 : difference;
}

}  // namespace moesim
