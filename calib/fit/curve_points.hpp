#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calib/profile/profile.hpp"

namespace moesim {

/// The resource that a call uses the largest share of.
struct RateShare {
  std::string_view unit;  ///< "TFLOP/s", "GB/s" of HBM, or "GB/s NVLink"; empty: the work is unknown
  double rate = 0;        ///< in that unit
  double share = 0;       ///< of the datasheet's peak
};

/// What the least work of an entry's shape in `seconds` makes of the GPU's peaks.
RateShare rate_share(const Entry& entry, double seconds, const GpuFacts& gpu);

/// A timed point beside what the curves say.
struct CurvePointRow {
  Entry entry;
  double seconds = 0;                   ///< timed; 0 where only a bandwidth is given
  std::optional<TimeEstimate> curve;    ///< of the profile; exact where it holds the point
  std::optional<TimeEstimate> without;  ///< of the profile without this point
  RateShare rate;
  Provenance provenance = Provenance::published;  ///< derived at best where another GPU timed it
};

/// Which points are shown: of an operator ("gemm", or "gemm_fp8_block" as errors are reported) and where each
/// of `where` (an axis, or format, role, regime, name, source) has that value.
struct PointChoice {
  std::string op;
  std::map<std::string, std::string> where;

  [[nodiscard]] bool holds(const Entry& entry) const;
};

/// The most points for which `without` is found: each takes a profile of its own.
inline constexpr std::size_t kMostLeftOut = 300;

/// The points of a profile that are chosen, by shape. `without` is set where there are at most kMostLeftOut.
std::vector<CurvePointRow> points_on_curves(const CalibrationProfile& profile, const PointChoice& choice);

}  // namespace moesim
