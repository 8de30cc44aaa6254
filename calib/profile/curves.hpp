#pragma once

#include <string>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// How a time follows from timed points, best first.
enum class Grade {
  exact,         ///< a timed point
  interpolated,  ///< between timed points of one curve
  held,          ///< beyond the ends of a curve, utilisation held
  carried,       ///< utilisation of other shapes or of another GPU
  rule,          ///< no timed point: peak rates and an assumed efficiency, or a law
};
template <>
struct EnumNames<Grade> {
  static constexpr std::array<std::pair<Grade, std::string_view>, 5> table{{
      {Grade::exact, "exact"},
      {Grade::interpolated, "interpolated"},
      {Grade::held, "held"},
      {Grade::carried, "carried"},
      {Grade::rule, "rule"},
  }};
};

/// A time with its origin. `p10` and `p90` are times too, equal to `seconds` where no spread is known.
struct TimeEstimate {
  double seconds = 0;
  Provenance provenance = Provenance::assumed;
  std::string source;
  double p10 = 0;
  double p90 = 0;
  Grade grade = Grade::exact;
};

/// The estimate with its times multiplied.
TimeEstimate scaled(TimeEstimate estimate, double factor);

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
  TimeEstimate estimate;
};

/// Times of one weight [n, k] against tokens, ascending.
struct GemmCurve {
  double n = 0;
  double k = 0;
  std::vector<CurvePoint> points;
};

/// All curves of one format and one kind of pass. Rules and their held-out errors: docs/calibration.md.
class GemmCurves {
 public:
  explicit GemmCurves(const GpuFacts& gpu) : gpu_(gpu) {}

  /// Adds a timed point; shapes of weight gradients are turned so that tokens are the axis.
  void add(const GemmShape& shape, const TimeEstimate& estimate);

  [[nodiscard]] bool empty() const { return curves_.empty(); }

  /// Exact hit: the entry. Same (n, k): linear in time between neighbouring token counts, utilisation held
  /// outside. Other (n, k): utilisation of the 4 nearest curves in (log n, log k), weighted by inverse
  /// distance. Must not be empty.
  [[nodiscard]] TimeEstimate estimate(const GemmShape& shape) const;

 private:
  [[nodiscard]] TimeEstimate along(const GemmCurve& curve, const GemmShape& shape) const;
  [[nodiscard]] TimeEstimate from_nearest(const GemmShape& shape) const;

  GpuFacts gpu_;
  std::vector<GemmCurve> curves_;
};

/// One timed causal attention core of `heads` heads over one sequence.
struct AttentionPoint {
  double length = 0;
  double heads = 0;
  TimeEstimate estimate;
};

/// Causal attention of `length` tokens: the square root of time is linear in length between neighbours;
/// outside the rate is held. Time grows with heads. `points` ascending in length, not empty.
TimeEstimate attention_time(const std::vector<AttentionPoint>& points, double heads, double length);

}  // namespace moesim
