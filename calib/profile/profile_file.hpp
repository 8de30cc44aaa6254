#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "base/spec.hpp"
#include "calib/profile/constant.hpp"
#include "calib/profile/timed_operator.hpp"
#include "models/number_format.hpp"

namespace moesim {

/// The pass of training that a GEMM or attention kernel belongs to.
enum class GemmRole { forward, input_gradient, weight_gradient };

/// How the GPU was used around a call. Regimes are never mixed in one curve; curves are isolated.
enum class Regime {
  isolated,    ///< nothing else ran
  overlapped,  ///< inside a layer, beside communication
  graph,       ///< back to back in a CUDA graph, caches warm
  sustained    ///< back to back for seconds: clocks are down to what power and heat allow
};

template <>
struct EnumNames<GemmRole> {
  static constexpr std::array<std::pair<GemmRole, std::string_view>, 3> table{{
      {GemmRole::forward, "forward"},
      {GemmRole::input_gradient, "input_gradient"},
      {GemmRole::weight_gradient, "weight_gradient"},
  }};
};
template <>
struct EnumNames<Regime> {
  static constexpr std::array<std::pair<Regime, std::string_view>, 4> table{{
      {Regime::isolated, "isolated"},
      {Regime::overlapped, "overlapped"},
      {Regime::graph, "graph"},
      {Regime::sustained, "sustained"},
  }};
};

/// What a GPU is, from its datasheet. Rates are dense (without sparsity).
struct GpuFacts {
  std::string name;
  int num_sms = 0;
  Bytes memory;  ///< what the driver shows
  BytesPerSecond hbm_bandwidth;
  FlopsPerSecond peak_bf16;
  FlopsPerSecond peak_fp8;
  std::optional<FlopsPerSecond> peak_mxfp8;  ///< absent: no such instructions (before Blackwell)
  BytesPerSecond nvlink_bandwidth;           ///< one direction
  Watts idle_power;
  Watts peak_power;

  /// BF16 for formats without a peak of their own; NVFP4 twice MXFP8.
  [[nodiscard]] FlopsPerSecond peak_of(NumberFormat format) const {
    if (format == NumberFormat::nvfp4) return 2 * peak_mxfp8.value_or(FlopsPerSecond{});
    if (format == NumberFormat::mxfp8) return peak_mxfp8.value_or(FlopsPerSecond{});
    return format == NumberFormat::fp8 ? peak_fp8 : peak_bf16;
  }
};
const Spec<GpuFacts>& spec_of(const GpuFacts*);

/// One timed point. Exactly one of time, rate and bandwidth is given.
struct Entry {
  TimedOperator op = TimedOperator::gemm;
  std::string name;   ///< operator, link or part, e.g. "q_down"; empty for curves
  std::string phase;  ///< phase of a layer, e.g. "attention_forward"; empty for curves
  NumberFormat format = NumberFormat::bf16;
  GemmRole role = GemmRole::forward;
  std::map<std::string, double> axes;
  std::optional<Seconds> time;
  std::optional<FlopsPerSecond> rate;
  std::optional<BytesPerSecond> bandwidth;
  std::string gpu;
  std::string kernel;
  Provenance provenance = Provenance::published;
  std::string source;
  Regime regime = Regime::isolated;
  std::string date;
  int num_samples = 0;  ///< 0: not published
  double p10 = 1;       ///< 10th percentile of time over `time`; 1 where no spread is known
  double p90 = 1;

  /// An axis, which the file's check has found to be there.
  [[nodiscard]] double axis(std::string_view key) const { return axes.find(std::string(key))->second; }
};
const Spec<Entry>& spec_of(const Entry*);

/// Entries that share all but axes and time. Times are in microseconds, as the name of their column says.
struct EntryTable {
  TimedOperator op = TimedOperator::gemm;
  std::string name;
  NumberFormat format = NumberFormat::bf16;
  GemmRole role = GemmRole::forward;
  Regime regime = Regime::isolated;
  std::string gpu;
  std::string kernel;
  Provenance provenance = Provenance::published;
  std::string source;
  std::string date;
  /// Axes of the operator, optional ones perhaps, "time_us", perhaps "p10", "p90", "num_samples".
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;  ///< [num_rows, num_columns]
};
const Spec<EntryTable>& spec_of(const EntryTable*);

/// How far the curves are from points that they were not made of; errors as |predicted / timed - 1|.
struct HeldOutError {
  std::string name;  ///< "gemm_bf16", ...: docs/calibration.md lists them
  std::string kind;  ///< what was held out: "points" of known curves, whole "curves", or "all" of both
  double median_error = 0;
  double p90_error = 0;
  std::int64_t held_out_points = 0;
};
const Spec<HeldOutError>& spec_of(const HeldOutError*);

/// A calibration file, calib/profiles/NAME.json.
struct ProfileFile {
  int schema_version = 0;
  std::string name;
  std::string description;
  GpuFacts gpu;
  std::vector<Source> sources;
  std::vector<Constant> constants;
  std::vector<Entry> entries;
  std::vector<EntryTable> tables;
  std::vector<HeldOutError> held_out;  ///< of the fit that made the file
};
const Spec<ProfileFile>& spec_of(const ProfileFile*);

inline constexpr int kProfileSchemaVersion = 1;

/// Operations of one call: GEMM 2 groups m n k; attention 2 heads (qk + v) times the (query, key) pairs; 0
/// for others.
Flops flops_of(const Entry& entry);

/// Width of the values of grouped-query heads: 128 for heads of 192, else that of queries and keys.
double value_dim_of(double head_dim);

/// The time of one call, from `time` or from `rate`; 0 where only a bandwidth is given.
Seconds time_of(const Entry& entry);

/// Throws CalibrationError where the document names another version than `version`.
void check_schema_version(const Json& document, int version, const std::string& file);

/// Reads and checks a calibration file. Throws SpecError for text that is no such file and CalibrationError
/// for an unknown schema version.
ProfileFile read_profile_file(const std::string& path);

}  // namespace moesim
