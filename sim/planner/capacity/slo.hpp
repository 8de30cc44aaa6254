#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec_codec.hpp"

namespace moesim {

/// A time of a request that is promised.
enum class SloFigure : std::uint8_t {
  ttft,  ///< to the first token
  tpot,  ///< mean time of a token behind the first
  e2e,   ///< to the last token
};
template <>
struct EnumNames<SloFigure> {
  static constexpr std::array<std::pair<SloFigure, std::string_view>, 3> table{
      {{SloFigure::ttft, "ttft"}, {SloFigure::tpot, "tpot"}, {SloFigure::e2e, "e2e"}}};
};

/// At least `share` of the requests are within `limit_s`.
struct SloTarget {
  SloFigure figure = SloFigure::ttft;
  double limit_s = 0;
  double share = 0.99;  ///< above 0, at most 1

  [[nodiscard]] std::string text() const;  ///< "ttft=2 s@p99"
};

/// "ttft=2s@p99,tpot=50ms@p99,e2e=60s@p90". Throws SpecError, naming `origin`, for what is no target and for
/// a target that another one implies.
std::vector<SloTarget> read_slo(std::string_view text, const std::string& origin);

/// The same of targets that were made otherwise.
void check_slo(const std::vector<SloTarget>& targets, const std::string& origin);

}  // namespace moesim
