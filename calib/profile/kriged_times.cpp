#include "calib/profile/kriged_times.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {

namespace {

/// Variance of the logarithm of a repeated measurement: 3 %.
constexpr double kRepeat = 1e-3;
/// What a launch costs at most; assumed: attention kernels of tables take 10 to 13 us at least.
constexpr double kMostStart = 10e-6;
/// Unlikeness of points of another provenance, in lengths of the map.
constexpr double kOtherProvenance = 1;

double correlation(double distance2) {
  const double r = std::sqrt(3 * distance2);
  return (1 + r) * exp_det(-r);
}

/// A symmetric positive definite system of at most kNumKriged unknowns.
struct Cholesky {
  std::size_t size;
  std::array<double, KrigedTimes::kNumKriged * KrigedTimes::kNumKriged> lower{};

  double& at(std::size_t i, std::size_t j) { return lower[i * KrigedTimes::kNumKriged + j]; }

  /// Factors what `at` holds below and on the diagonal.
  void factor() {
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = at(i, j);
        for (std::size_t k = 0; k < j; ++k) sum -= at(i, k) * at(j, k);
        at(i, j) = i == j ? std::sqrt(sum) : sum / at(j, j);
      }
    }
  }

  std::array<double, KrigedTimes::kNumKriged> solve(std::array<double, KrigedTimes::kNumKriged> b) {
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t k = 0; k < i; ++k) b[i] -= at(i, k) * b[k];
      b[i] /= at(i, i);
    }
    for (std::size_t i = size; i-- > 0;) {
      for (std::size_t k = i + 1; k < size; ++k) b[i] -= at(k, i) * b[k];
      b[i] /= at(i, i);
    }
    return b;
  }
};

}  // namespace

void KrigedTimes::add(const MappedShape& shape, const TimeEstimate& estimate) {
  const double t = estimate.seconds;
  start_ = std::min({points_.empty() ? kMostStart : start_, t});
  rate_ = std::max(rate_, shape.flops / t);
  bandwidth_ = std::max(bandwidth_, shape.bytes / t);
  longest_ = std::max(longest_, shape.along);
  best_ = points_.empty() ? estimate.provenance : std::min(best_, estimate.provenance);
  points_.push_back({shape, estimate});
}

double KrigedTimes::carrier(const MappedShape& shape) const {
  return start_ + std::max(shape.flops / rate_, shape.bytes / bandwidth_);
}

double KrigedTimes::distance2(const MappedShape& a, Provenance of_a, const Point& b) const {
  double sum = of_a == b.estimate.provenance ? 0 : kOtherProvenance * kOtherProvenance;
  for (std::size_t i = 0; i < kPlaceAxes; ++i) {
    const double d = a.place[i] - b.shape.place[i];
    sum += d * d;
  }
  return sum;
}

std::vector<KrigedTimes::Near> KrigedTimes::nearest(const MappedShape& shape) const {
  std::vector<Near> out(points_.size());
  for (std::size_t i = 0; i < points_.size(); ++i) out[i] = {distance2(shape, best_, points_[i]), i};
  const auto kept = static_cast<std::ptrdiff_t>(std::min(kNumKriged, out.size()));
  std::partial_sort(out.begin(), out.begin() + kept, out.end());
  out.resize(static_cast<std::size_t>(kept));
  return out;
}

double KrigedTimes::kriged_ratio(const std::vector<Near>& near) const {
  Cholesky system{near.size(), {}};
  std::array<double, kNumKriged> ones{}, ratios{};
  for (std::size_t i = 0; i < near.size(); ++i) {
    const Point& a = points_[near[i].point];
    for (std::size_t j = 0; j <= i; ++j)
      system.at(i, j) = correlation(distance2(a.shape, a.estimate.provenance, points_[near[j].point])) +
                        (i == j ? kRepeat : 0);
    ones[i] = 1;
    ratios[i] = log_det(a.estimate.seconds / carrier(a.shape));
  }
  system.factor();
  const auto to_ones = system.solve(ones), to_ratios = system.solve(ratios);
  double sum_ones = 0, sum_ratios = 0;
  for (std::size_t i = 0; i < near.size(); ++i) {
    sum_ones += to_ones[i];
    sum_ratios += to_ratios[i];
  }
  const double mean = sum_ratios / sum_ones;
  double out = mean;
  for (std::size_t i = 0; i < near.size(); ++i)
    out += correlation(near[i].distance2) * (to_ratios[i] - mean * to_ones[i]);
  const auto [least, most] =
      std::minmax_element(ratios.begin(), ratios.begin() + static_cast<std::ptrdiff_t>(near.size()));
  return exp_det(std::clamp(out, *least, *most));
}

Grade KrigedTimes::grade_of(const MappedShape& shape) const {
  bool below = false, above = false;
  for (const Point& point : points_) {
    if (point.shape.curve != shape.curve) continue;
    below |= point.shape.along <= shape.along;
    above |= point.shape.along >= shape.along;
  }
  if (below && above) return Grade::interpolated;
  return below || above ? Grade::held : Grade::carried;
}

TimeEstimate KrigedTimes::estimate(const MappedShape& shape, const MappedShape& utilised) const {
  for (const Point& point : points_) {
    if (point.shape.along == shape.along && point.shape.curve == shape.curve) return point.estimate;
  }
  const auto near = nearest(utilised);
  const TimeEstimate& first = points_[near.front().point].estimate;
  TimeEstimate out;
  out.seconds = carrier(shape) * kriged_ratio(near);
  out.p10 = out.seconds * first.p10 / first.seconds;
  out.p90 = out.seconds * first.p90 / first.seconds;
  out.grade = grade_of(shape);
  out.provenance = out.grade == Grade::interpolated ? Provenance::measured : Provenance::derived;
  for (const Near& one : near) {
    const TimeEstimate& estimate = points_[one.point].estimate;
    out.provenance = std::max(out.provenance, estimate.provenance);
    if (out.source.find(estimate.source) == std::string::npos)
      out.source += (out.source.empty() ? "" : " ") + estimate.source;
  }
  return out;
}

}  // namespace moesim
