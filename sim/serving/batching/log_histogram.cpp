#include "sim/serving/batching/log_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

namespace moesim {
namespace {

// A factor of two is cut into 512 parts that are equal on a linear scale: 0.1 to 0.2 % of the value. The
// bucket follows from the bits of a double, without a logarithm.
constexpr int kBits = 9;
constexpr int kShift = 52 - kBits;
constexpr double kLowest = 0x1p-20;  // 0.95 us
constexpr double kHighest = 0x1p20;  // 1.05e6 s
constexpr std::uint64_t kBase = std::bit_cast<std::uint64_t>(kLowest) >> kShift;
constexpr std::size_t kBuckets = (std::bit_cast<std::uint64_t>(kHighest) >> kShift) - kBase + 1;

std::size_t bucket_of(double value) {
  if (!(value > kLowest)) return 0;
  if (value >= kHighest) return kBuckets - 1;
  return (std::bit_cast<std::uint64_t>(value) >> kShift) - kBase;
}

double lower_edge(std::size_t bucket) {
  return std::bit_cast<double>((kBase + bucket) << kShift);
}

}  // namespace

void LogHistogram::add(double value, double weight) {
  if (!(weight > 0) || std::isnan(value)) return;
  const std::size_t bucket = bucket_of(value);
  if (bucket >= weight_.size()) weight_.resize(bucket + 1, 0.0);
  weight_[bucket] += weight;
  total_ += weight;
  sum_ += value * weight;
  least_ = std::min(least_, value);
  most_ = std::max(most_, value);
}

void LogHistogram::add(const LogHistogram& other) {
  if (other.weight_.size() > weight_.size()) weight_.resize(other.weight_.size(), 0.0);
  for (std::size_t i = 0; i < other.weight_.size(); ++i) weight_[i] += other.weight_[i];
  total_ += other.total_;
  sum_ += other.sum_;
  least_ = std::min(least_, other.least_);
  most_ = std::max(most_, other.most_);
}

void LogHistogram::clear() {
  if (total_ > 0) std::fill(weight_.begin() + begin(), weight_.begin() + end(), 0.0);
  total_ = sum_ = 0;
  least_ = std::numeric_limits<double>::infinity();
  most_ = -least_;
}

std::ptrdiff_t LogHistogram::begin() const {
  return static_cast<std::ptrdiff_t>(bucket_of(least_));
}

std::ptrdiff_t LogHistogram::end() const {
  return static_cast<std::ptrdiff_t>(bucket_of(most_)) + 1;
}

LogHistogram::Bins LogHistogram::bins() const {
  Bins bins;
  if (!(total_ > 0)) return bins;
  const auto first = static_cast<std::size_t>(begin());
  const auto last = static_cast<std::size_t>(end()) - 1;
  for (std::size_t i = first; i <= last; ++i) {
    if (weight_[i] == 0) continue;
    const double low = i == first ? least_ : lower_edge(i);
    if (bins.edge.empty() || bins.edge.back() < low) {
      bins.edge.push_back(low);
      bins.weight.push_back(0);
    }
    bins.edge.push_back(i == last ? most_ : lower_edge(i + 1));
    bins.weight.push_back(weight_[i]);
  }
  return bins;
}

double LogHistogram::mean() const {
  return total_ > 0 ? sum_ / total_ : 0;
}

double LogHistogram::quantile(double q) const {
  if (!(total_ > 0)) return 0;
  const double wanted = std::clamp(q, 0.0, 1.0) * total_;
  double below = 0;
  std::size_t last = 0;
  for (auto i = static_cast<std::size_t>(begin()); i < weight_.size(); ++i) {
    if (weight_[i] == 0) continue;
    below += weight_[i];
    last = i;
    if (below >= wanted) break;
  }
  return std::clamp(0.5 * (lower_edge(last) + lower_edge(last + 1)), least_, most_);
}

double LogHistogram::share_within(double value) const {
  if (!(total_ > 0)) return 1;
  const std::size_t end = std::min(bucket_of(value) + 1, weight_.size());
  double within = 0;
  for (std::size_t i = 0; i < end; ++i) within += weight_[i];
  return std::min(within / total_, 1.0);
}

}  // namespace moesim
