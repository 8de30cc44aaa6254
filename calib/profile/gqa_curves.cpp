#include "calib/profile/gqa_curves.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/math.hpp"

namespace moesim {

namespace {

bool same_curve(const GqaShape& a, const GqaShape& b) {
  return a.heads == b.heads && a.kv_heads == b.kv_heads && a.head_dim == b.head_dim && a.batch == b.batch;
}

/// Heads that fill the GPU side by side. A part of a sequence, as under context parallelism, has as many
/// query blocks as a whole one of its own length.
double parallel_heads(const GqaShape& shape) {
  return shape.heads * std::max(1.0, shape.batch);
}

/// How far apart two shapes are: first in head_dim, then in what fills the GPU and in sharing of KV heads.
std::pair<double, double> distance(const GqaShape& a, const GqaShape& b) {
  const double work = log_det(parallel_heads(a) / parallel_heads(b));
  const double sharing = log_det(a.heads / a.kv_heads / (b.heads / b.kv_heads));
  return {std::abs(log_det(a.head_dim / b.head_dim)), std::sqrt(work * work + sharing * sharing)};
}

}  // namespace

void GqaCurves::add(const GqaShape& shape, const TimeEstimate& estimate) {
  auto curve = std::find_if(curves_.begin(), curves_.end(),
                            [&](const Curve& c) { return same_curve(c.shape, shape); });
  if (curve == curves_.end()) curve = curves_.insert(curves_.end(), Curve{shape, {}});
  const auto at =
      std::upper_bound(curve->points.begin(), curve->points.end(), shape.length,
                       [](double length, const AttentionPoint& point) { return length < point.length; });
  curve->points.insert(at, {shape.length, shape.heads, estimate});
}

const GqaCurves::Curve& GqaCurves::nearest(const GqaShape& shape) const {
  return *std::min_element(curves_.begin(), curves_.end(), [&](const Curve& a, const Curve& b) {
    return distance(a.shape, shape) < distance(b.shape, shape);
  });
}

TimeEstimate GqaCurves::estimate(const GqaShape& shape) const {
  const Curve& curve = nearest(shape);
  TimeEstimate out = attention_time(curve.points, curve.shape.heads, shape.length);
  if (same_curve(curve.shape, shape)) return out;
  GqaShape there = curve.shape;
  there.length = shape.length;
  out = scaled(out, shape.flops() / there.flops());
  out.provenance = std::max(out.provenance, Provenance::derived);
  return out;
}

}  // namespace moesim
