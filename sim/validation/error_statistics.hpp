#pragma once

#include <optional>
#include <vector>

#include "sim/validation/comparison.hpp"

namespace moesim {

/// Absolute relative errors of the checks that have a prediction. Median and p90 weigh every case once, by
/// the median of its figures, and a family as one case, by the median of its cases; the maximum is over every
/// figure, so that no weight hides one. Empty without checks.
struct ErrorStatistics {
  std::size_t num_cases = 0;  ///< a family counts once
  std::size_t num_figures = 0;
  std::optional<double> median_abs_error;
  std::optional<double> p90_abs_error;
  std::optional<double> max_abs_error;
};
ErrorStatistics error_statistics(const std::vector<Figure>& figures);

}  // namespace moesim
