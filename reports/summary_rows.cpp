#include "reports/summary_rows.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

std::string scalar_text(const Json& value) {
  if (value.is_null()) return "none";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  return text.empty() ? "\"\"" : text;
}

std::string joined_texts(const Json& array) {
  std::string text;
  for (const Json& element : array) text += (text.empty() ? "" : ", ") + scalar_text(element);
  return text.empty() ? "none" : text;
}

/// Labels of the elements of an array stay bare indices.
std::string label_of(const std::string& part, bool in_array) {
  return in_array ? "[" + part + "]" : metric_label(part);
}

void add_rows(const Json& value, SummaryRow row, std::vector<SummaryRow>& rows);

void add_children(const Json& parent, const SummaryRow& row, std::vector<SummaryRow>& rows) {
  for (const auto& [part, child] : parent.items()) {
    SummaryRow below;
    below.key = row.key.empty() ? part : row.key + '.' + part;
    below.label = label_of(part, parent.is_array());
    below.depth = row.depth + 1;
    below.unit = unit_of_key(below.key);
    add_rows(child, below, rows);
  }
}

void add_rows(const Json& value, SummaryRow row, std::vector<SummaryRow>& rows) {
  const auto is_number = [](const Json& element) { return element.is_number(); };
  if (value.is_number()) {
    row.numbers = {value.get<double>()};
  } else if (value.is_array() && !value.empty() && std::ranges::all_of(value, is_number)) {
    row.is_list = true;
    row.numbers = value.get<std::vector<double>>();
  } else if (value.is_array() && std::ranges::none_of(value, &Json::is_structured)) {
    row.text = joined_texts(value);
  } else if (value.is_structured()) {
    rows.push_back(row);
    if (value.empty()) rows.back().text = "none";
    return add_children(value, row, rows);
  } else {
    row.text = scalar_text(value);
  }
  rows.push_back(std::move(row));
}

}  // namespace

std::vector<SummaryRow> summary_rows(const Json& object) {
  std::vector<SummaryRow> rows;
  SummaryRow root;
  root.depth = -1;
  add_children(object, root, rows);
  return rows;
}

std::vector<std::string> value_lines(const SummaryRow& row) {
  constexpr std::size_t kPerLine = 4;
  if (row.numbers.empty()) return {row.text};
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < row.numbers.size(); ++i) {
    const std::string value = metric_text(row.numbers[i], row.unit);
    if (i % kPerLine == 0) {
      lines.push_back(value);
    } else {
      lines.back() += ", " + value;
    }
  }
  return lines;
}

}  // namespace moesim
