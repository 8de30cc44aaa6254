#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "reports/summary_rows.hpp"

namespace moesim {

/// What somebody published about a figure.
struct PublishedValue {
  double value = 0;
  std::optional<double> error{};  ///< (simulated - published) / published
  std::size_t source = 0;         ///< its number in ResultLines::sources, from 1; 0: none is given
};

/// A row of a result's summary with what else is known about it.
struct ResultLine {
  SummaryRow row;
  bool is_simulated = true;  ///< false: published alone
  std::optional<double> p10{};
  std::optional<double> p50{};
  std::optional<double> p90{};
  std::optional<PublishedValue> published{};
};

struct ResultLines {
  std::vector<ResultLine> lines;     ///< of the summary, in its order; then those that are published alone
  std::vector<std::string> sources;  ///< of published figures, in the order of use

  /// The line of a dotted key; null without one.
  [[nodiscard]] const ResultLine* find(std::string_view key) const;
};

/// Every key of result["summary"] with result["uncertainty"] and result["scenario"]["published"] ([{key,
/// value, unit, source}], `key` a dotted path into the summary), where they are there.
ResultLines result_lines(const Json& result);

/// "training of deepseek-v3 on h800-2048 (2048 GPUs, 256 nodes)".
std::string result_heading(const Json& result);

/// The member of an object; null where there is none.
const Json& member_of(const Json& object, std::string_view key);
/// A text as it is, nothing for null, else its JSON.
std::string text_of(const Json& value);

}  // namespace moesim
