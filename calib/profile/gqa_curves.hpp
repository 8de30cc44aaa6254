#pragma once

#include <vector>

#include "calib/profile/curves.hpp"

namespace moesim {

/// Causal grouped-query attention of `batch` sequences on one GPU.
struct GqaShape {
  double heads = 0;
  double kv_heads = 0;
  double head_dim = 0;
  double length = 0;
  double batch = 1;

  [[nodiscard]] double flops() const { return 2.0 * batch * heads * head_dim * length * length; }
};

/// Times of grouped-query attention against sequence length, one curve for each (head_dim, heads, kv_heads,
/// batch). Rules and their held-out errors: docs/calibration.md.
class GqaCurves {
 public:
  void add(const GqaShape& shape, const TimeEstimate& estimate);
  [[nodiscard]] bool empty() const { return curves_.empty(); }

  /// Of the curve of that shape: the square root of time is linear in length between neighbours, the rate is
  /// held outside. Without one, the FLOPs of the asked shape at the rate of the nearest curve at that length:
  /// by head_dim, then by heads x batch (at least 1) and heads per KV head. Must not be empty.
  [[nodiscard]] TimeEstimate estimate(const GqaShape& shape) const;

 private:
  struct Curve {
    GqaShape shape;                      ///< its length means nothing
    std::vector<AttentionPoint> points;  ///< ascending in length
  };
  [[nodiscard]] const Curve& nearest(const GqaShape& shape) const;

  std::vector<Curve> curves_;
};

}  // namespace moesim
