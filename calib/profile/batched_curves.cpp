#include "calib/profile/batched_curves.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {

namespace {

constexpr double kPeakShare = 0.7;
constexpr double kBandwidthShare = 0.8;

ShapePlace place_of(const BatchedGemmShape& shape) {
  return {log_det(shape.batch), log_det(shape.m), log_det(shape.n), log_det(shape.k), 0};
}

}  // namespace

double BatchedGemmShape::bytes() const {
  return batch * (bytes_per_element(format) * k * (m + n) + 2 * m * n);
}

double BatchedGemmCurves::carrier(const BatchedGemmShape& shape) const {
  const double work = std::max(shape.flops() / (kPeakShare * gpu_.peak_of(shape.format).value()),
                               shape.bytes() / (kBandwidthShare * gpu_.hbm_bandwidth.value()));
  return std::sqrt(start_ * start_ + work * work);
}

void BatchedGemmCurves::add(const BatchedGemmShape& shape, const TimeEstimate& estimate) {
  points_.add(place_of(shape), carrier(shape), estimate);
}

TimeEstimate BatchedGemmCurves::estimate(const BatchedGemmShape& shape) const {
  return points_.estimate(place_of(shape), carrier(shape));
}

BatchedGemmShape batched_shape_of(const Entry& entry) {
  return {entry.format, entry.axis("batch"), entry.axis("m"), entry.axis("n"), entry.axis("k")};
}

}  // namespace moesim
