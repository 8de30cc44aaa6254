#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace moesim::pictures {

/// Neighbouring columns of a curve that share a place.
struct CurveBin {
  std::int64_t count = 0;  ///< values; nothing else holds where there are none
  double sum = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
};

/// A curve with its extremes in at most `max_bins` bins, whatever its length: several values of a column
/// (layers) and several columns of a bin are kept as mean, minimum and maximum, so that no peak is lost.
class BinnedCurve {
 public:
  /// Both at least 1.
  BinnedCurve(std::int64_t num_columns, int max_bins);

  /// 0 <= column < num_columns, in any order. Throws std::out_of_range.
  void add(std::int64_t column, double value);

  [[nodiscard]] const std::vector<CurveBin>& bins() const { return bins_; }
  /// Where the middle of a bin is among the columns, in (0, 1).
  [[nodiscard]] double middle(std::size_t bin) const;

 private:
  std::int64_t num_columns_;
  std::vector<CurveBin> bins_;
};

}  // namespace moesim::pictures
