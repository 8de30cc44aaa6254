#include "calib/profile/gemm_curves.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "calib/profile/gemm_axes.hpp"

namespace moesim {

namespace {

constexpr std::size_t kNumNearest = 4;
// From this many weights on the nearest ones are near.
constexpr std::size_t kManyWeights = 32;
// 90th percentile of the held-out error of the nearest-four rule over 255 FP8 weights.
constexpr double kNearestError = 0.09;

double log_distance(double a, double b) {
  return log_det(a / b);
}

/// One point per token count: the one whose number of groups is nearest.
std::vector<CurvePoint> nearest_groups(const std::vector<CurvePoint>& points, double groups) {
  std::vector<CurvePoint> out;
  for (const auto& point : points) {
    if (out.empty() || out.back().tokens != point.tokens) {
      out.push_back(point);
    } else if (std::abs(log_distance(point.groups, groups)) <
               std::abs(log_distance(out.back().groups, groups))) {
      out.back() = point;
    }
  }
  return out;
}

TimeEstimate graded(TimeEstimate estimate, Grade grade) {
  if (grade != Grade::interpolated && estimate.provenance < Provenance::derived)
    estimate.provenance = Provenance::derived;
  estimate.grade = std::max(estimate.grade, grade);
  return estimate;
}

/// Between two estimates, `t` in [0, 1]; the worse provenance and both sources.
TimeEstimate between_estimates(const TimeEstimate& a, const TimeEstimate& b, double t) {
  TimeEstimate out;
  out.seconds = a.seconds + t * (b.seconds - a.seconds);
  out.p10 = a.p10 + t * (b.p10 - a.p10);
  out.p90 = a.p90 + t * (b.p90 - a.p90);
  out.provenance = std::max(a.provenance, b.provenance);
  out.grade = std::max({a.grade, b.grade, Grade::interpolated});
  out.source = a.source == b.source ? a.source : a.source + " " + b.source;
  return out;
}

}  // namespace

double roofline_seconds(const GemmShape& shape, const GpuFacts& gpu) {
  const double peak = gpu.peak_of(shape.format).value();
  const double in = bytes_per_element(shape.format);
  const double out = shape.role == GemmRole::weight_gradient ? 8.0 : 2.0;
  const double bytes = shape.groups * (in * shape.k * (shape.m + shape.n) + out * shape.m * shape.n);
  return std::max(shape.flops() / peak, bytes / gpu.hbm_bandwidth.value());
}

const GemmCurve* GemmCurves::find(double n, double k) const {
  const auto at =
      std::find_if(curves_.begin(), curves_.end(), [&](const GemmCurve& c) { return c.n == n && c.k == k; });
  return at == curves_.end() ? nullptr : &*at;
}

void GemmCurves::add(const GemmShape& shape, const TimeEstimate& estimate) {
  const CurveAxes axes = curve_axes(shape);
  if (last_curve_ >= curves_.size() || curves_[last_curve_].n != axes.n || curves_[last_curve_].k != axes.k) {
    const GemmCurve* known = find(axes.n, axes.k);
    last_curve_ = known == nullptr ? curves_.size() : static_cast<std::size_t>(known - curves_.data());
    if (known == nullptr) curves_.push_back({axes.n, axes.k, log_det(axes.n), log_det(axes.k), true, {}});
  }
  const bool same_origin = !origins_.empty() && origins_.back().provenance == estimate.provenance &&
                           origins_.back().source == estimate.source &&
                           origins_.back().grade == estimate.grade;
  if (!same_origin) origins_.push_back({estimate.provenance, estimate.source, estimate.grade});
  GemmCurve& curve = curves_[last_curve_];
  const CurvePoint point{axes.tokens,  shape.groups, estimate.seconds,
                         estimate.p10, estimate.p90, origins_.size() - 1};
  auto at = std::lower_bound(curve.points.begin(), curve.points.end(), axes.tokens,
                             [](const CurvePoint& p, double tokens) { return p.tokens < tokens; });
  while (at != curve.points.end() && at->tokens == axes.tokens && at->groups != shape.groups) ++at;
  least_seconds_ = std::min(least_seconds_, estimate.seconds);
  if (at != curve.points.end() && at->tokens == axes.tokens) {
    const auto rank = [&](const CurvePoint& p) {
      return std::pair(origins_[p.origin].provenance, p.seconds);
    };
    if (rank(point) < rank(*at)) *at = point;
    return;
  }
  curve.points.insert(at, point);
  curve.one_group_count = curve.one_group_count && curve.points.front().groups == shape.groups;
}

TimeEstimate GemmCurves::estimate_of(const CurvePoint& point, double factor) const {
  const Origin& origin = origins_[point.origin];
  const Grade grade = factor == 1 ? origin.grade : Grade::carried;
  return {point.seconds * factor, origin.provenance,  origin.source,
          point.p10 * factor,     point.p90 * factor, grade};
}

const std::vector<CurvePoint>& GemmCurves::points_for(const GemmCurve& curve, double groups,
                                                      std::vector<CurvePoint>& storage) const {
  if (curve.one_group_count) return curve.points;
  storage = nearest_groups(curve.points, groups);
  return storage;
}

TimeEstimate GemmCurves::estimate(const GemmShape& shape) const {
  const CurveAxes axes = curve_axes(shape);
  const GemmCurve* own = find(axes.n, axes.k);
  if (own != nullptr) {
    for (const CurvePoint& point : own->points) {
      if (point.tokens == axes.tokens && point.groups == shape.groups) return estimate_of(point);
    }
  }
  if (curves_.size() >= kManyWeights) return from_surface(own, shape);
  return own != nullptr ? along(*own, shape) : from_nearest(shape);
}

TimeEstimate GemmCurves::along(const GemmCurve& curve, const GemmShape& shape) const {
  const double tokens = curve_axes(shape).tokens;
  std::vector<CurvePoint> storage;
  const auto& points = points_for(curve, shape.groups, storage);
  const auto at =
      std::lower_bound(points.begin(), points.end(), tokens,
                       [](const CurvePoint& point, double value) { return point.tokens < value; });
  const auto for_groups = [&](const CurvePoint& point) {
    auto estimate = estimate_of(point, shape.groups / point.groups);
    return point.groups == shape.groups ? estimate : graded(std::move(estimate), Grade::carried);
  };
  if (at != points.end() && at->tokens == tokens) return for_groups(*at);
  if (at != points.end() && at != points.begin()) {
    const auto& low = *(at - 1);
    return between_estimates(for_groups(low), for_groups(*at),
                             (tokens - low.tokens) / (at->tokens - low.tokens));
  }
  const CurvePoint& edge = at == points.end() ? points.back() : points.front();
  const double carrier = roofline_seconds(shape, gpu_) /
                         roofline_seconds(shape_at(shape, curve.n, curve.k, edge.tokens, edge.groups), gpu_);
  return graded(scaled(estimate_of(edge), carrier), Grade::held);
}

std::vector<std::pair<double, const GemmCurve*>> GemmCurves::nearest(double n, double k,
                                                                     std::size_t count) const {
  const double log_n = log_det(n), log_k = log_det(k);
  std::vector<std::pair<double, std::size_t>> by_distance;
  by_distance.reserve(curves_.size());
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    const GemmCurve& curve = curves_[i];
    if (curve.n == n && curve.k == k) continue;
    const double dn = curve.log_n - log_n, dk = curve.log_k - log_k;
    by_distance.emplace_back(dn * dn + dk * dk, i);
  }
  count = std::min(count, by_distance.size());
  const auto end = by_distance.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(by_distance.begin(), end, by_distance.end());
  std::vector<std::pair<double, const GemmCurve*>> out;
  for (auto at = by_distance.begin(); at != end; ++at)
    out.emplace_back(std::sqrt(at->first), &curves_[at->second]);
  return out;
}

TimeEstimate GemmCurves::from_nearest(const GemmShape& shape) const {
  const CurveAxes axes = curve_axes(shape);
  double utilisation = 0;
  double weights = 0;
  TimeEstimate out;
  out.provenance = Provenance::derived;
  out.grade = Grade::carried;
  for (const auto& [distance, curve] : nearest(axes.n, axes.k, kNumNearest)) {
    const GemmShape there = shape_at(shape, curve->n, curve->k, axes.tokens, shape.groups);
    const TimeEstimate estimate = along(*curve, there);
    utilisation += roofline_seconds(there, gpu_) / estimate.seconds / distance;
    weights += 1.0 / distance;
    out.provenance = std::max(out.provenance, estimate.provenance);
    if (out.source.find(estimate.source) == std::string::npos) {
      out.source += (out.source.empty() ? "" : " ") + estimate.source;
    }
  }
  out.seconds = roofline_seconds(shape, gpu_) * weights / utilisation;
  out.p10 = out.seconds * (1 - kNearestError);
  out.p90 = out.seconds * (1 + kNearestError);
  return out;
}

}  // namespace moesim
