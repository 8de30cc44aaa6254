#include "reports/pages/json_facts.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/result_lines.hpp"

namespace moesim {

const Json& value_at(const Json& object, std::string_view dotted_key) {
  const Json* at = &object;
  for (std::size_t first = 0; first <= dotted_key.size();) {
    const std::size_t end = std::min(dotted_key.find('.', first), dotted_key.size());
    at = &member_of(*at, dotted_key.substr(first, end - first));
    first = end + 1;
  }
  return *at;
}

std::optional<double> number_at(const Json& object, std::string_view dotted_key) {
  const Json& value = value_at(object, dotted_key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::string text_at(const Json& object, std::string_view dotted_key) {
  return text_of(value_at(object, dotted_key));
}

ReportCell figure_cell(const Json& object, std::string_view dotted_key) {
  return number_cell(number_at(object, dotted_key), unit_of_key(dotted_key));
}

std::string label_of_key(std::string_view dotted_key) {
  std::string label;
  for (std::size_t at = 0; at <= dotted_key.size();) {
    const std::size_t end = std::min(dotted_key.find('.', at), dotted_key.size());
    label += (label.empty() ? "" : " ") + metric_label(dotted_key.substr(at, end - at));
    at = end + 1;
  }
  return label;
}

std::string changes_text(const Json& changes) {
  if (!changes.is_object() || changes.empty()) return "as stated";
  std::vector<std::string> parts;
  for (const auto& [pointer, value] : changes.items()) parts.push_back(pointer + "=" + setting_text(value));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string setting_text(const Json& value) {
  if (!value.is_array()) return text_of(value);
  std::vector<std::string> parts;
  for (const Json& part : value) parts.push_back(setting_text(part));
  return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, "+"));
}

}  // namespace moesim
