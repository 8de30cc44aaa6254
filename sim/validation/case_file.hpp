#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"
#include "calib/profile/constant.hpp"
#include "sim/validation/case_runs.hpp"

namespace moesim {

/// What a published figure is to the simulator.
enum class CaseRole : std::uint8_t {
  fit,    ///< constants were fitted on it
  check,  ///< nothing that the run uses comes from its sources
  range,  ///< its layout was not published: best and worst over plausible variants hold it between them
};

template <>
struct EnumNames<CaseRole> {
  static constexpr std::array<std::pair<CaseRole, std::string_view>, 3> table{
      {{CaseRole::fit, "fit"}, {CaseRole::check, "check"}, {CaseRole::range, "range"}}};
};

/// One published number and the summary key that predicts it.
struct PublishedValue {
  /// Dotted path into the summary, e.g. "layer_pair_s.total"; of a case with phases a total, see
  /// total_metrics().
  std::string metric;
  double value = 0;                          ///< in the unit that the metric names
  std::string unit;                          ///< for readers
  std::optional<double> tolerance_fraction;  ///< of the published value; not for ranges
  std::string source;                        ///< id of one of the case's sources
  std::string where;                         ///< table, figure or section
  std::string note;
};
const Spec<PublishedValue>& spec_of(const PublishedValue*);

inline constexpr int kCaseVersion = 1;

/// A scenario with published figures: one file of a validation directory.
struct ValidationCase {
  int schema_version = kCaseVersion;
  std::string id;
  std::string title;
  CaseRole role = CaseRole::check;
  std::string family;  ///< cases of one family weigh as one; empty: a family of its own
  RawJson scenario;    ///< a document, or the path of one as a text, relative to the case file
  Overrides overrides;
  std::optional<PlausibleRange> range;  ///< of the role range
  std::vector<RunPhase> phases;         ///< where figures are of a whole run; empty: of one step
  std::vector<std::string> excluded_sources;
  std::vector<Source> sources;  ///< of the published values
  std::vector<PublishedValue> published;
  std::string path;  ///< of the file, for errors
};
const Spec<ValidationCase>& spec_of(const ValidationCase*);

/// Throws SpecError.
ValidationCase read_case(const std::filesystem::path& path);

/// Every *.json below the directories, sorted by path within each; a path may also be one file. Throws
/// SpecError for a path that is not there or holds no case, and for a second case of one id.
std::vector<ValidationCase> read_cases(std::span<const std::filesystem::path> paths);

}  // namespace moesim
