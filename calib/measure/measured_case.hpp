#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec_codec.hpp"
#include "calib/profile/profile_file.hpp"
#include "models/number_format.hpp"

namespace moesim {

/// How calls are timed; the three are never mixed in one curve.
enum class TimingRegime {
  cold,       ///< one call at a time, L2 displaced and the inputs rotated before each
  graph,      ///< 20 launches in a CUDA graph, caches warm; the time is that of one
  sustained,  ///< launches back to back for two seconds; the time is that of one at the end
};
template <>
struct EnumNames<TimingRegime> {
  static constexpr std::array<std::pair<TimingRegime, std::string_view>, 3> table{{
      {TimingRegime::cold, "cold"},
      {TimingRegime::graph, "graph"},
      {TimingRegime::sustained, "sustained"},
  }};
};

/// One point to time. `axes` are those of axes_of(op) in calib/profile/profile_file.hpp (plus optional ones).
struct MeasuredCase {
  std::string group;  ///< bench family, e.g. "mla_decode"; chosen by --only
  TimedOperator op = TimedOperator::gemm;
  NumberFormat format = NumberFormat::bf16;
  GemmRole role = GemmRole::forward;
  std::string name;                        ///< variant or part, e.g. "wgmma", "swiglu"
  std::map<std::string, double> axes;      ///< the shape
  std::map<std::string, double> settings;  ///< not part of the shape: skew, sms
  bool quick = false;                      ///< part of --quick
  std::vector<TimingRegime> regimes{TimingRegime::cold, TimingRegime::graph};

  /// Unique within the suite and stable: "group/operator/format/role/name/axis=value,.../setting=value,...",
  /// without the parts that are empty and without role "forward".
  [[nodiscard]] std::string id() const;
  /// Throws RunError where the case has no such axis.
  [[nodiscard]] double axis(std::string_view key) const;
  /// `otherwise` where the case has no such setting.
  [[nodiscard]] double setting(std::string_view key, double otherwise) const;
};

/// What one call does at least: checked against the peaks of the GPU after timing (a rate above a peak fails
/// the run). hbm_bytes counts what must come from memory when L2 is cold.
struct Work {
  double flops = 0;
  double hbm_bytes = 0;
  double link_bytes = 0;  ///< over NVLink, per GPU, in the busier direction
};

/// How far an output lies from its reference: 1 - 2 <x, y> / (|x|^2 + |y|^2), 0 where they agree.
struct CheckResult {
  double difference = 0;
  double tolerance = 0;               ///< 1e-3 for FP8 inputs, 1e-5 for BF16
  std::string against;                ///< what the reference is, e.g. "FP64, 64 rows"
  [[nodiscard]] bool passed() const;  ///< false also where the difference is no number
};

}  // namespace moesim
