#include "reports/pictures/binned_curve.hpp"

#include <algorithm>

namespace moesim::pictures {

BinnedCurve::BinnedCurve(std::int64_t num_columns, int max_bins)
    : num_columns_(num_columns),
      bins_(static_cast<std::size_t>(std::min<std::int64_t>(num_columns, max_bins))) {}

void BinnedCurve::add(std::int64_t column, double value) {
  const auto num_bins = static_cast<std::int64_t>(bins_.size());
  CurveBin& bin = bins_.at(static_cast<std::size_t>(column * num_bins / num_columns_));
  ++bin.count;
  bin.sum += value;
  bin.low = std::min(bin.low, value);
  bin.high = std::max(bin.high, value);
}

double BinnedCurve::middle(std::size_t bin) const {
  return (static_cast<double>(bin) + 0.5) / static_cast<double>(bins_.size());
}

}  // namespace moesim::pictures
