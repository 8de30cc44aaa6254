#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/runner/worker_protocol.hpp"
#include "sim/validation/case_file.hpp"
#include "sim/validation/variants.hpp"

namespace moesim {

enum class FigureStatus : std::uint8_t {
  pass,
  outside,  ///< of its tolerance, or of its range
  failed,   ///< there is no prediction
};

template <>
struct EnumNames<FigureStatus> {
  static constexpr std::array<std::pair<FigureStatus, std::string_view>, 3> table{
      {{FigureStatus::pass, "pass"}, {FigureStatus::outside, "outside"}, {FigureStatus::failed, "failed"}}};
};

/// One published figure beside its prediction.
struct Figure {
  std::string id;  ///< of the case
  std::string family;
  CaseRole role = CaseRole::check;
  PublishedValue published;
  std::optional<double> predicted;       ///< not of a range
  std::optional<double> error_fraction;  ///< predicted / published - 1; not of a range
  std::optional<double> low;             ///< of a range: least and greatest prediction
  std::optional<double> high;
  std::string low_variant;  ///< label of the variant that gave it
  std::string high_variant;
  std::size_t num_variants = 0;  ///< of a range: how many ran
  FigureStatus status = FigureStatus::failed;
  std::string message;  ///< why it failed
};

/// A variant of a range that cannot be laid out.
struct SkippedVariant {
  std::string label;
  std::string reason;
};

struct Comparison {
  std::vector<Figure> figures;
  std::vector<SkippedVariant> skipped;
};

/// A range whose variants differ by this factor or more says nothing.
inline constexpr double kWidestRange = 2;

/// Scenarios that one variant of the case runs: its phases, or 1.
std::size_t runs_of_variant(const ValidationCase& validation_case);

/// The figures of a case beside the outcomes of its scenarios, in the order of both. A figure fails where a
/// run did or where its metric is no number of the summary. Of a range, variants that a plan or a calibration
/// refuses (exit code 3) are skipped, and fewer than two others are a failure.
Comparison compare(const ValidationCase& validation_case, const std::vector<WorkerOutcome>& outcomes);

}  // namespace moesim
