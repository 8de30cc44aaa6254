// GEMM times by the curves of many weights.
#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "calib/profile/gemm_axes.hpp"
#include "calib/profile/gemm_surface.hpp"
#include "calib/profile/weighted_median.hpp"

namespace moesim {

namespace {

// Of the shortest of all times: what no shape gets below, a launch and the first bytes.
constexpr double kFloorShare = 0.95;
// Where only long calls were timed; the shortest FP8 GEMM of a B200 takes 8.3 us.
constexpr double kMostFloor = 10e-6;
// Points on each side of the asked tokens that say how a curve differs from those around it.
constexpr std::ptrdiff_t kWindow = 10;

/// 90th percentiles of the held-out errors.
double spread_of(NumberFormat format) {
  return is_fp8(format) ? 0.16 : 0.09;
}

}  // namespace

/// The curves around a weight.
class GemmSurface {
 public:
  GemmSurface(const GemmCurves& curves, double n, double k)
      : curves_(curves), around_(curves.nearest(n, k, GemmCurves::kNumAround)), plane_(places(n, k)) {}

  /// What the curves around give to a shape.
  [[nodiscard]] double seconds(const GemmShape& shape) const {
    const double tokens = curve_axes(shape).tokens;
    const double floor = curves_.floor();
    std::vector<double> utilisation;
    utilisation.reserve(around_.size());
    for (const auto& [distance, curve] : around_) {
      const GemmShape there = shape_at(shape, curve->n, curve->k, tokens, shape.groups);
      const double above = curves_.seconds_along(*curve, there) - floor;
      utilisation.push_back(log_det(roofline_seconds(there, curves_.gpu_) / above));
    }
    return floor + roofline_seconds(shape, curves_.gpu_) / exp_det(plane_.at_origin(utilisation));
  }

  [[nodiscard]] const auto& around() const { return around_; }

 private:
  [[nodiscard]] std::vector<SurfacePlace> places(double n, double k) const {
    const double log_n = log_det(n), log_k = log_det(k);
    std::vector<SurfacePlace> out;
    for (const auto& [distance, curve] : around_)
      out.push_back({1 / (distance * distance), curve->log_n - log_n, curve->log_k - log_k});
    return out;
  }

  const GemmCurves& curves_;
  std::vector<std::pair<double, const GemmCurve*>> around_;
  LocalPlane plane_;
};

double GemmCurves::floor() const {
  return std::min(kFloorShare * least_seconds_, kMostFloor);
}

double GemmCurves::seconds_along(const GemmCurve& curve, const GemmShape& shape) const {
  const double tokens = curve_axes(shape).tokens;
  std::vector<CurvePoint> storage;
  const auto& points = points_for(curve, shape.groups, storage);
  const auto at =
      std::lower_bound(points.begin(), points.end(), tokens,
                       [](const CurvePoint& point, double value) { return point.tokens < value; });
  const auto seconds = [&](const CurvePoint& p) { return p.seconds * shape.groups / p.groups; };
  if (at != points.end() && at->tokens == tokens) return seconds(*at);
  if (at != points.end() && at != points.begin()) {
    const CurvePoint& low = *(at - 1);
    const double t = (tokens - low.tokens) / (at->tokens - low.tokens);
    return seconds(low) + t * (seconds(*at) - seconds(low));
  }
  const CurvePoint& edge = at == points.end() ? points.back() : points.front();
  const double carrier = roofline_seconds(shape, gpu_) /
                         roofline_seconds(shape_at(shape, curve.n, curve.k, edge.tokens, edge.groups), gpu_);
  return floor() + (edge.seconds - floor()) * carrier;
}

TimeEstimate GemmCurves::from_surface(const GemmCurve* own, const GemmShape& shape) const {
  const CurveAxes axes = curve_axes(shape);
  const GemmSurface surface(*this, axes.n, axes.k);
  TimeEstimate out;
  out.seconds = surface.seconds(shape);
  out.grade = Grade::carried;
  const CurvePoint* origin = &surface.around().front().second->points.front();
  if (own != nullptr) {
    std::vector<CurvePoint> storage;
    const auto& points = points_for(*own, shape.groups, storage);
    const auto at =
        std::lower_bound(points.begin(), points.end(), axes.tokens,
                         [](const CurvePoint& point, double value) { return point.tokens < value; });
    const auto first = at - std::min(kWindow, at - points.begin());
    const auto last = at + std::min(kWindow, points.end() - at);
    std::vector<std::pair<double, double>> over;
    for (auto point = first; point != last; ++point) {
      const double there = surface.seconds(shape_at(shape, axes.n, axes.k, point->tokens, point->groups));
      over.emplace_back(log_det(point->seconds / there),
                        std::min(point->tokens / axes.tokens, axes.tokens / point->tokens));
    }
    out.seconds *= exp_det(weighted_median(std::move(over)));
    out.grade = at == points.begin() || at == points.end() ? Grade::held : Grade::interpolated;
    origin = at == points.end() ? &points.back() : &*at;
  }
  out.provenance = origins_[origin->origin].provenance;
  out.grade = std::max(out.grade, origins_[origin->origin].grade);
  if (out.grade > Grade::interpolated) out.provenance = std::max(out.provenance, Provenance::derived);
  out.source = origins_[origin->origin].source;
  const double spread = spread_of(shape.format);
  out.p10 = out.seconds * (1 - spread);
  out.p90 = out.seconds * (1 + spread);
  return out;
}

}  // namespace moesim
