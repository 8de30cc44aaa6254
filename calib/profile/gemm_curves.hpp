#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "calib/profile/curves.hpp"
#include "calib/profile/profile_file.hpp"

namespace moesim {

/// A GEMM as executed: `groups` times [m, k] x [k, n]. A weight gradient has features as m and n and tokens
/// as k.
struct GemmShape {
  NumberFormat format = NumberFormat::bf16;
  double m = 0;
  double n = 0;
  double k = 0;
  double groups = 1;  ///< local experts; above 1 a grouped GEMM
  GemmRole role = GemmRole::forward;

  [[nodiscard]] double flops() const { return 2.0 * groups * m * n * k; }
};

/// max(FLOPs / peak, bytes / HBM bandwidth), the carrier of utilisation. Inputs in `format`, output 2 bytes
/// an element, or 8 (FP32 read and written) for a weight gradient.
double roofline_seconds(const GemmShape& shape, const GpuFacts& gpu);

/// One timed GEMM on the token axis of its curve.
struct CurvePoint {
  double tokens = 0;  ///< per group
  double groups = 1;
  double seconds = 0;
  double p10 = 0;
  double p90 = 0;
  std::size_t origin = 0;  ///< place in the origins of its GemmCurves
};

/// Times of one weight [n, k] against tokens, ascending.
struct GemmCurve {
  double n = 0;
  double k = 0;
  double log_n = 0;
  double log_k = 0;
  bool one_group_count = true;  ///< all points have the same number of groups
  std::vector<CurvePoint> points;
};

/// All curves of one format and one kind of pass. Rules and their held-out errors: docs/calibration.md.
class GemmCurves {
 public:
  explicit GemmCurves(const GpuFacts& gpu) : gpu_(gpu) {}

  /// Adds a timed point; shapes of weight gradients are turned so that tokens are the axis. Of two at one
  /// place the better provenance stands, then the shorter time.
  void add(const GemmShape& shape, const TimeEstimate& estimate);

  [[nodiscard]] bool empty() const { return curves_.empty(); }

  /// Exact hit: the entry. Else, with less than 32 curves: of the same (n, k) linear in time between
  /// neighbouring token counts, utilisation held outside; of another the utilisation of the 4 nearest curves
  /// in (log n, log k), weighted by inverse distance. With more curves: utilisation above the time of a
  /// launch by the kNumAround nearest curves at the asked tokens (LocalPlane), times what the curve of the
  /// same (n, k), if there is one, takes over that at its nearest points (weighted median). Must not be
  /// empty.
  [[nodiscard]] TimeEstimate estimate(const GemmShape& shape) const;

  static constexpr std::size_t kNumAround = 12;

 private:
  struct Origin {
    Provenance provenance;
    std::string source;
    Grade grade;  ///< exact, or carried from another GPU
  };

  [[nodiscard]] TimeEstimate estimate_of(const CurvePoint& point, double factor = 1) const;
  [[nodiscard]] const GemmCurve* find(double n, double k) const;
  [[nodiscard]] double floor() const;
  /// Points of one number of groups per token count; a copy in `storage` where there are several.
  [[nodiscard]] const std::vector<CurvePoint>& points_for(const GemmCurve& curve, double groups,
                                                          std::vector<CurvePoint>& storage) const;
  [[nodiscard]] TimeEstimate along(const GemmCurve& curve, const GemmShape& shape) const;
  [[nodiscard]] double seconds_along(const GemmCurve& curve, const GemmShape& shape) const;
  [[nodiscard]] std::vector<std::pair<double, const GemmCurve*>> nearest(double n, double k,
                                                                         std::size_t count) const;
  [[nodiscard]] TimeEstimate from_nearest(const GemmShape& shape) const;
  [[nodiscard]] TimeEstimate from_surface(const GemmCurve* own, const GemmShape& shape) const;

  friend class GemmSurface;

  GpuFacts gpu_;
  std::vector<GemmCurve> curves_;
  std::vector<Origin> origins_;
  double least_seconds_ = std::numeric_limits<double>::infinity();
  std::size_t last_curve_ = 0;  ///< that add() wrote to
};

}  // namespace moesim
