// Sizes that a curve of a collective lacks, from the other curves.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/math.hpp"
#include "calib/profile/collective_curves.hpp"
#include "calib/profile/weighted_median.hpp"

namespace moesim {

namespace {

constexpr std::size_t kLeastPoints = 4;
constexpr double kSpread = 0.12;
// Of the own line inside a curve.
constexpr double kOwnShare = 0.3;
// Own points further away than this factor in bytes do not count.
constexpr double kReach = 100;
// A gather is a scatter run backwards, and so like it as another number of GPUs is.
constexpr double kLikeWeight = 4;
constexpr double kOtherGpusWeight = 0.5;

bool are_alike(TimedOperator a, TimedOperator b) {
  const auto is_half = [](TimedOperator op) {
    return op == TimedOperator::all_gather || op == TimedOperator::reduce_scatter;
  };
  return a == b || (is_half(a) && is_half(b));
}

/// The logarithm of a time on the log-log line through `points`; nothing outside them.
std::optional<double> log_time(const std::vector<CollectivePoint>& points, double bytes) {
  const auto at = std::lower_bound(points.begin(), points.end(), bytes,
                                   [](const CollectivePoint& p, double value) { return p.bytes < value; });
  if (at == points.end()) return std::nullopt;
  if (at->bytes == bytes) return log_det(at->estimate.seconds);
  if (at == points.begin()) return std::nullopt;
  const CollectivePoint& low = *(at - 1);
  const double from = log_det(low.estimate.seconds), to = log_det(at->estimate.seconds);
  return from + (to - from) * log_det(bytes / low.bytes) / log_det(at->bytes / low.bytes);
}

}  // namespace

/// Completes curves from a copy of all that were timed.
class CollectiveCompletion {
 public:
  explicit CollectiveCompletion(const std::vector<CollectiveCurves>& all) {
    for (const auto& curves : all) {
      for (const auto& curve : curves.curves_) {
        timed_.push_back({curves.op_, curve});
        for (const auto& point : curve.points) sizes_.insert(point.bytes);
      }
    }
  }

  void complete(CollectiveCurves& curves) const {
    for (auto& curve : curves.curves_) {
      const auto own = curve.points;
      if (own.size() < kLeastPoints) continue;
      for (const double bytes : sizes_) {
        const auto at =
            std::lower_bound(curve.points.begin(), curve.points.end(), bytes,
                             [](const CollectivePoint& p, double value) { return p.bytes < value; });
        if (at != curve.points.end() && at->bytes == bytes) continue;
        if (auto point = point_at(curves.op_, curve.num_gpus, own, bytes))
          curve.points.insert(at, std::move(*point));
      }
    }
  }

 private:
  struct Timed {
    TimedOperator op;
    CollectiveCurves::Curve curve;
  };

  [[nodiscard]] std::optional<CollectivePoint> point_at(TimedOperator op, double num_gpus,
                                                        const std::vector<CollectivePoint>& own,
                                                        double bytes) const {
    std::vector<std::pair<double, double>> guesses;
    for (const Timed& other : timed_) {
      if (other.op == op && other.curve.num_gpus == num_gpus) continue;
      const auto there = log_time(other.curve.points, bytes);
      const auto over = there ? own_over(own, other.curve.points, bytes) : std::nullopt;
      if (!over) continue;
      guesses.emplace_back(*there + *over, (are_alike(op, other.op) ? kLikeWeight : 1.0) *
                                               (other.curve.num_gpus == num_gpus ? 1.0 : kOtherGpusWeight));
    }
    if (guesses.empty()) return std::nullopt;
    double guess = weighted_median(std::move(guesses));
    if (const auto line = log_time(own, bytes)) guess += kOwnShare * (*line - guess);
    TimeEstimate estimate = own.front().estimate;
    estimate.seconds = exp_det(guess);
    estimate.p10 = estimate.seconds * (1 - kSpread);
    estimate.p90 = estimate.seconds * (1 + kSpread);
    estimate.provenance = std::max(estimate.provenance, Provenance::derived);
    estimate.grade = Grade::interpolated;
    return CollectivePoint{bytes, std::move(estimate)};
  }

  /// The logarithm of what `own` takes over `other` near `bytes`.
  [[nodiscard]] static std::optional<double> own_over(const std::vector<CollectivePoint>& own,
                                                      const std::vector<CollectivePoint>& other,
                                                      double bytes) {
    std::vector<std::pair<double, double>> ratios;
    for (const auto& point : own) {
      const double nearness = std::min(point.bytes / bytes, bytes / point.bytes);
      if (nearness * kReach < 1) continue;
      if (const auto there = log_time(other, point.bytes))
        ratios.emplace_back(log_det(point.estimate.seconds) - *there, nearness);
    }
    return ratios.empty() ? std::nullopt : std::optional(weighted_median(std::move(ratios)));
  }

  std::vector<Timed> timed_;
  std::set<double> sizes_;
};

void complete(std::vector<CollectiveCurves>& all) {
  const CollectiveCompletion completion(all);
  for (auto& curves : all) completion.complete(curves);
}

}  // namespace moesim
