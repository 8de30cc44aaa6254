#include "calib/measure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.hpp"

namespace moesim {

namespace {

double median_error(std::span<const double> sorted, double median) {
  if (sorted.size() < 2) return std::numeric_limits<double>::infinity();
  const auto count = static_cast<double>(sorted.size());
  // As shares of the n - 1 gaps between order statistics.
  const double half_width = std::sqrt(count) / 2 / (count - 1);
  const double low = quantile(sorted, std::max(0.0, 0.5 - half_width));
  const double high = quantile(sorted, std::min(1.0, 0.5 + half_width));
  return (high - low) / 2 / median;
}

}  // namespace

double quantile(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

SampleSummary summary_of(std::span<const double> samples) {
  if (samples.empty()) throw RunError("no sample to summarise");
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  SampleSummary summary;
  summary.num_samples = sorted.size();
  summary.median = quantile(sorted, 0.5);
  summary.p10 = quantile(sorted, 0.1);
  summary.p90 = quantile(sorted, 0.9);
  summary.median_error = median_error(sorted, summary.median);
  return summary;
}

}  // namespace moesim
