#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace moesim {

/// Weighted times in buckets of 0.2 % width between 1 us and 1e6 s, for percentiles in bounded memory.
/// Values below count as the lowest bucket, values above as the highest.
class LogHistogram {
 public:
  /// Cost: about 10 ns. A weight of 0 or less and a value that is no number add nothing.
  void add(double value, double weight = 1);
  void add(const LogHistogram& other);
  /// Empty again, its memory kept.
  void clear();
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] double mean() const;  ///< exact; 0 when empty
  /// The middle of the bucket that holds the share `q` in [0, 1] of the weight, within the least and the
  /// greatest value; 0 when empty.
  [[nodiscard]] double quantile(double q) const;
  /// Share of the weight at or below `value`, to the width of a bucket; 1 when empty.
  [[nodiscard]] double share_within(double value) const;
  /// Edges that ascend from the least to the greatest value, `weight[i]` between `edge[i - 1]` and `edge[i]`,
  /// `weight[0]` 0; edges inside empty stretches are left out.
  struct Bins {
    std::vector<double> edge;
    std::vector<double> weight;
  };
  [[nodiscard]] Bins bins() const;

 private:
  /// Buckets from that of the least value to behind that of the greatest, where there are values.
  [[nodiscard]] std::ptrdiff_t begin() const;
  [[nodiscard]] std::ptrdiff_t end() const;

  std::vector<double> weight_;
  double total_ = 0;
  double sum_ = 0;
  double least_ = std::numeric_limits<double>::infinity();
  double most_ = -std::numeric_limits<double>::infinity();
};

}  // namespace moesim
