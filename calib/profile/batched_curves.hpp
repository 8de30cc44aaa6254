#pragma once

#include "calib/profile/nearest_points.hpp"

namespace moesim {

/// `batch` products [m, k] x [k, n] in one call, as the absorbed projections of latent attention: heads,
/// tokens, and 128 or 512 as n and k.
struct BatchedGemmShape {
  NumberFormat format = NumberFormat::bf16;
  double batch = 0;
  double m = 0;
  double n = 0;
  double k = 0;

  [[nodiscard]] double flops() const { return 2 * batch * m * n * k; }
  /// Operands in `format`, results in BF16.
  [[nodiscard]] double bytes() const;
};

/// Times of batched GEMMs of one format.
class BatchedGemmCurves {
 public:
  /// `start`: the shortest of the times, in seconds.
  BatchedGemmCurves(const GpuFacts& gpu, double start) : gpu_(gpu), start_(start) {}

  void add(const BatchedGemmShape& shape, const TimeEstimate& estimate);
  [[nodiscard]] bool empty() const { return points_.empty(); }

  /// By NearestPoints over the four axes; the carrier is the roofline at 0.7 of the peak and 0.8 of the
  /// bandwidth and `start`, the root of the squares. Needs at least one point.
  [[nodiscard]] TimeEstimate estimate(const BatchedGemmShape& shape) const;

 private:
  [[nodiscard]] double carrier(const BatchedGemmShape& shape) const;

  GpuFacts gpu_;
  double start_;
  NearestPoints points_;
};

/// The shape of a batched_gemm entry.
BatchedGemmShape batched_shape_of(const Entry& entry);

}  // namespace moesim
