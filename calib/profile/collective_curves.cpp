#include "calib/profile/collective_curves.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {

namespace {

TimeEstimate as_derived(TimeEstimate estimate, Grade grade = Grade::held) {
  estimate.provenance = std::max(estimate.provenance, Provenance::derived);
  estimate.grade = std::max(estimate.grade, grade);
  return estimate;
}

/// Every time of the two in logarithms, `t` in [0, 1]; the worse provenance.
TimeEstimate between_logarithms(const TimeEstimate& a, const TimeEstimate& b, double t) {
  const auto blend = [&](double x, double y) { return exp_det(log_det(x) + t * (log_det(y) - log_det(x))); };
  return {blend(a.seconds, b.seconds),
          std::max(a.provenance, b.provenance),
          a.source == b.source ? a.source : a.source + " " + b.source,
          blend(a.p10, b.p10),
          blend(a.p90, b.p90),
          std::max({a.grade, b.grade, Grade::interpolated})};
}

TimeEstimate along(const std::vector<CollectivePoint>& points, double bytes) {
  const auto at =
      std::lower_bound(points.begin(), points.end(), bytes,
                       [](const CollectivePoint& point, double value) { return point.bytes < value; });
  if (at == points.end()) return as_derived(scaled(points.back().estimate, bytes / points.back().bytes));
  if (at->bytes == bytes) return at->estimate;
  if (at == points.begin()) return as_derived(at->estimate);
  const CollectivePoint& low = *(at - 1);
  return between_logarithms(low.estimate, at->estimate,
                            log_det(bytes / low.bytes) / log_det(at->bytes / low.bytes));
}

/// The share of a GPU's buffer that leaves it.
double sent_share(double num_gpus) {
  return (num_gpus - 1) / num_gpus;
}

/// A run of points that share one time once monotone.
struct Block {
  double sum_of_logarithms;
  std::size_t size;
  [[nodiscard]] double mean() const { return sum_of_logarithms / static_cast<double>(size); }
};

void pool_violators(std::vector<CollectivePoint>& points) {
  std::vector<Block> blocks;
  for (const auto& point : points) {
    blocks.push_back({log_det(point.estimate.seconds), 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
      const Block last = blocks.back();
      blocks.pop_back();
      blocks.back().sum_of_logarithms += last.sum_of_logarithms;
      blocks.back().size += last.size;
    }
  }
  auto point = points.begin();
  for (const auto& block : blocks) {
    if (block.size == 1) {  // as it was timed, to the last bit
      ++point;
      continue;
    }
    for (std::size_t i = 0; i < block.size; ++i, ++point)
      point->estimate = as_derived(scaled(point->estimate, exp_det(block.mean()) / point->estimate.seconds),
                                   Grade::interpolated);
  }
}

}  // namespace

void CollectiveCurves::add(double num_gpus, CollectivePoint point) {
  auto curve = std::lower_bound(curves_.begin(), curves_.end(), num_gpus,
                                [](const Curve& c, double value) { return c.num_gpus < value; });
  if (curve == curves_.end() || curve->num_gpus != num_gpus)
    curve = curves_.insert(curve, Curve{num_gpus, {}});
  const auto at = std::upper_bound(curve->points.begin(), curve->points.end(), point.bytes,
                                   [](double value, const CollectivePoint& p) { return value < p.bytes; });
  curve->points.insert(at, std::move(point));
}

void CollectiveCurves::make_monotone() {
  for (auto& curve : curves_) pool_violators(curve.points);
}

TimeEstimate CollectiveCurves::estimate(double num_gpus, double bytes) const {
  if (num_gpus <= 1) return {0, Provenance::measured, "", 0, 0};
  const auto high = std::lower_bound(curves_.begin(), curves_.end(), num_gpus,
                                     [](const Curve& c, double value) { return c.num_gpus < value; });
  if (high != curves_.end() && high->num_gpus == num_gpus) return along(high->points, bytes);
  if (high == curves_.end() || high == curves_.begin()) {
    const Curve& edge = high == curves_.end() ? curves_.back() : curves_.front();
    return as_derived(scaled(along(edge.points, bytes), sent_share(num_gpus) / sent_share(edge.num_gpus)),
                      Grade::carried);
  }
  const Curve& low = *(high - 1);
  return as_derived(
      between_logarithms(along(low.points, bytes), along(high->points, bytes),
                         log_det(num_gpus / low.num_gpus) / log_det(high->num_gpus / low.num_gpus)),
      Grade::carried);
}

bool is_collective(TimedOperator op) {
  return op == TimedOperator::all_reduce || op == TimedOperator::all_gather ||
         op == TimedOperator::reduce_scatter || op == TimedOperator::all_to_all;
}

}  // namespace moesim
