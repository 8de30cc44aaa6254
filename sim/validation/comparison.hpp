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
  FigureStatus status = FigureStatus::failed;
  std::string message;  ///< why it failed
};

/// A range whose layouts differ by this factor or more says nothing.
inline constexpr double kWidestRange = 2;

/// The figures of a case beside the outcomes of its scenarios, in the order of both. A figure fails where a
/// run did or where its metric is no number of the summary.
std::vector<Figure> compare(const ValidationCase& validation_case,
                            const std::vector<WorkerOutcome>& outcomes);

}  // namespace moesim
