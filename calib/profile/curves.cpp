#include "calib/profile/curves.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {

namespace {

constexpr std::size_t kNumNearest = 4;
// 90th percentile of the held-out error of the nearest-four rule over 255 FP8 weights.
constexpr double kNearestError = 0.09;

struct CurveAxes {
  double n;
  double k;
  double tokens;
};

CurveAxes curve_axes(const GemmShape& shape) {
  if (shape.role != GemmRole::weight_gradient) return {shape.n, shape.k, shape.m};
  return {std::max(shape.m, shape.n), std::min(shape.m, shape.n), shape.k};
}

/// The shape of `like` with another weight, token count and number of groups.
GemmShape shape_at(const GemmShape& like, double n, double k, double tokens, double groups) {
  GemmShape out = like;
  out.groups = groups;
  const bool weight = like.role == GemmRole::weight_gradient;
  out.m = weight ? n : tokens;
  out.n = weight ? k : n;
  out.k = weight ? tokens : k;
  return out;
}

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

TimeEstimate as_derived(TimeEstimate estimate) {
  if (estimate.provenance < Provenance::derived) estimate.provenance = Provenance::derived;
  return estimate;
}

/// Between two estimates, `t` in [0, 1]; the worse provenance and both sources.
TimeEstimate between_estimates(const TimeEstimate& a, const TimeEstimate& b, double t) {
  TimeEstimate out;
  out.seconds = a.seconds + t * (b.seconds - a.seconds);
  out.p10 = a.p10 + t * (b.p10 - a.p10);
  out.p90 = a.p90 + t * (b.p90 - a.p90);
  out.provenance = std::max(a.provenance, b.provenance);
  out.source = a.source == b.source ? a.source : a.source + " " + b.source;
  return out;
}

}  // namespace

TimeEstimate scaled(TimeEstimate estimate, double factor) {
  estimate.seconds *= factor;
  estimate.p10 *= factor;
  estimate.p90 *= factor;
  return estimate;
}

double roofline_seconds(const GemmShape& shape, const GpuFacts& gpu) {
  const double peak = gpu.peak_of(shape.format).value();
  const double in = bytes_per_element(shape.format);
  const double out = shape.role == GemmRole::weight_gradient ? 8.0 : 2.0;
  const double bytes = shape.groups * (in * shape.k * (shape.m + shape.n) + out * shape.m * shape.n);
  return std::max(shape.flops() / peak, bytes / gpu.hbm_bandwidth.value());
}

void GemmCurves::add(const GemmShape& shape, const TimeEstimate& estimate) {
  const CurveAxes axes = curve_axes(shape);
  auto curve = std::find_if(curves_.begin(), curves_.end(),
                            [&](const GemmCurve& c) { return c.n == axes.n && c.k == axes.k; });
  if (curve == curves_.end()) curve = curves_.insert(curves_.end(), GemmCurve{axes.n, axes.k, {}});
  const auto at =
      std::upper_bound(curve->points.begin(), curve->points.end(), axes.tokens,
                       [](double tokens, const CurvePoint& point) { return tokens < point.tokens; });
  curve->points.insert(at, CurvePoint{axes.tokens, shape.groups, estimate});
}

TimeEstimate GemmCurves::estimate(const GemmShape& shape) const {
  const CurveAxes axes = curve_axes(shape);
  for (const auto& curve : curves_) {
    if (curve.n == axes.n && curve.k == axes.k) return along(curve, shape);
  }
  return from_nearest(shape);
}

TimeEstimate GemmCurves::along(const GemmCurve& curve, const GemmShape& shape) const {
  const double tokens = curve_axes(shape).tokens;
  const auto points = nearest_groups(curve.points, shape.groups);
  const auto at =
      std::lower_bound(points.begin(), points.end(), tokens,
                       [](const CurvePoint& point, double value) { return point.tokens < value; });
  const auto for_groups = [&](const CurvePoint& point) {
    if (point.groups == shape.groups) return point.estimate;
    return as_derived(scaled(point.estimate, shape.groups / point.groups));
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
  return as_derived(scaled(edge.estimate, carrier));
}

TimeEstimate GemmCurves::from_nearest(const GemmShape& shape) const {
  const CurveAxes axes = curve_axes(shape);
  std::vector<std::pair<double, const GemmCurve*>> by_distance;
  for (const auto& curve : curves_) {
    const double dn = log_distance(curve.n, axes.n);
    const double dk = log_distance(curve.k, axes.k);
    by_distance.emplace_back(std::sqrt(dn * dn + dk * dk), &curve);
  }
  std::stable_sort(by_distance.begin(), by_distance.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  by_distance.resize(std::min(by_distance.size(), kNumNearest));
  double utilisation = 0;
  double weights = 0;
  TimeEstimate out;
  out.provenance = Provenance::derived;
  for (const auto& [distance, curve] : by_distance) {
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

TimeEstimate attention_time(const std::vector<AttentionPoint>& points, double heads, double length) {
  const auto for_heads = [&](const AttentionPoint& point) {
    const auto estimate = scaled(point.estimate, heads / point.heads);
    return point.heads == heads ? estimate : as_derived(estimate);
  };
  const auto at =
      std::lower_bound(points.begin(), points.end(), length,
                       [](const AttentionPoint& point, double value) { return point.length < value; });
  if (at != points.end() && at->length == length) return for_heads(*at);
  if (at == points.end() || at == points.begin()) {
    const AttentionPoint& edge = at == points.end() ? points.back() : points.front();
    const double ratio = length / edge.length;
    return as_derived(scaled(for_heads(edge), ratio * ratio));
  }
  const auto low = for_heads(*(at - 1));
  const auto high = for_heads(*at);
  const double t = (length - (at - 1)->length) / (at->length - (at - 1)->length);
  const auto root = [&](double a, double b) {
    const double r = std::sqrt(a) + t * (std::sqrt(b) - std::sqrt(a));
    return r * r;
  };
  TimeEstimate out = between_estimates(low, high, t);
  out.seconds = root(low.seconds, high.seconds);
  out.p10 = root(low.p10, high.p10);
  out.p90 = root(low.p90, high.p90);
  return out;
}

}  // namespace moesim
