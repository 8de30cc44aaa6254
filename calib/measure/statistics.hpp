#pragma once

#include <cstddef>
#include <span>

namespace moesim {

/// What is kept of the samples of one case, in the unit of the samples.
struct SampleSummary {
  std::size_t num_samples = 0;
  double median = 0;
  double p10 = 0;
  double p90 = 0;
  double median_error = 0;  ///< relative standard error of the median
};

/// The `share` quantile, linear between neighbours of the sorted values (type 7 of Hyndman and Fan 1996).
/// `sorted` is not empty, `share` in [0, 1].
double quantile(std::span<const double> sorted, double share);

/// The standard error of the median is half the distance between the order statistics at n/2 -+ sqrt(n)/2,
/// which hold the median with the probability of one standard deviation whatever the distribution; infinite
/// for a single sample. `samples` is not empty.
SampleSummary summary_of(std::span<const double> samples);

}  // namespace moesim
