#include "calib/profile/nearest_points.hpp"

#include <algorithm>
#include <limits>

#include "base/math.hpp"

namespace moesim {

namespace {

constexpr std::size_t kNumNeighbours = 6;
// Distances below this do not count, so that a point that noise put next to the place does not decide alone.
constexpr double kLeastDistance = 0.05;
// Of the squared distance within which points are interpolated: log(2)^2.
constexpr double kNear = 0.48;
// 90th percentile of the held-out error (docs/calibration.md).
constexpr double kHeldOutError = 0.1;

double squared_distance(const ShapePlace& a, const ShapePlace& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

void NearestPoints::add(const ShapePlace& place, double carrier, const TimeEstimate& estimate) {
  points_.push_back({place, carrier, log_det(estimate.seconds / carrier), estimate});
}

std::vector<NearestPoints::Neighbour> NearestPoints::nearest(const ShapePlace& place) const {
  std::vector<Neighbour> out;
  double farthest = std::numeric_limits<double>::infinity();
  for (const Point& point : points_) {
    const double squared = squared_distance(point.place, place);
    if (squared >= farthest && out.size() == kNumNeighbours) continue;
    const auto at = std::upper_bound(out.begin(), out.end(), squared, [](double value, const Neighbour& n) {
      return value < n.squared_distance;
    });
    out.insert(at, {squared, &point});
    if (out.size() > kNumNeighbours) out.pop_back();
    farthest = out.back().squared_distance;
  }
  return out;
}

TimeEstimate NearestPoints::estimate(const ShapePlace& place, double carrier) const {
  const auto neighbours = nearest(place);
  const auto& [least, first] = neighbours.front();
  if (least == 0 && first->carrier == carrier) return first->estimate;
  double log_ratio = 0;
  double weights = 0;
  TimeEstimate out;
  out.provenance = Provenance::measured;
  for (const auto& [squared, point] : neighbours) {
    const double weight = 1 / (squared + kLeastDistance * kLeastDistance);
    log_ratio += weight * point->log_ratio;
    weights += weight;
    out.provenance = std::max(out.provenance, point->estimate.provenance);
    if (out.source.find(point->estimate.source) == std::string::npos)
      out.source += (out.source.empty() ? "" : " ") + point->estimate.source;
  }
  out.seconds = carrier * exp_det(log_ratio / weights);
  out.p10 = out.seconds * (1 - kHeldOutError);
  out.p90 = out.seconds * (1 + kHeldOutError);
  out.grade = least <= kNear ? Grade::interpolated : Grade::carried;
  if (out.grade == Grade::carried) out.provenance = std::max(out.provenance, Provenance::derived);
  return out;
}

}  // namespace moesim
