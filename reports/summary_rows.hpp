#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "reports/metric.hpp"

namespace moesim {

/// One key of a result as a line: a group (neither numbers nor text), one value, or the values of an array.
struct SummaryRow {
  std::string key;    ///< dotted path; array elements by their index
  std::string label;  ///< what a reader calls its last part
  int depth = 0;
  MetricUnit unit = MetricUnit::count;
  bool is_list = false;         ///< `numbers` are an array, of whatever length
  std::vector<double> numbers;  ///< SI, as in the document
  std::string text;             ///< of what is no number

  [[nodiscard]] bool is_group() const { return !is_list && numbers.empty() && text.empty(); }
  [[nodiscard]] bool is_number() const { return !is_list && numbers.size() == 1; }
};

/// Every key of an object, in the document's order, parents before children. Nothing is dropped: a null is
/// the text "none", an empty text "\"\"".
std::vector<SummaryRow> summary_rows(const Json& object);

/// The value of a row for readers; several values are separated by commas, four to a line.
std::vector<std::string> value_lines(const SummaryRow& row);

}  // namespace moesim
