#include "base/spec_text.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace moesim {
namespace {

std::string bound_text(const TypeDescription& type, double bound) {
  return type.dimension ? quantity_text(bound, *type.dimension) : number_text(bound);
}

}  // namespace

std::string shown_text(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  if (text.size() <= kLongest) return std::string(text);
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string shown_value(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_null()) return "null";
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_string()) return fmt::format("the text '{}'", shown_text(value.get_ref<const std::string&>()));
  return "the number " + value.dump();
}

std::string number_text(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const bool is_whole = std::abs(value) <= kExact && value == std::trunc(value);
  return is_whole ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

std::string bounds_text(const TypeDescription& type) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const FieldOptions& options = type.options;
  std::string text;
  if (options.min != -kInfinity) {
    text = (options.above_min ? "above " : "at least ") + bound_text(type, options.min);
  }
  if (options.max != kInfinity) {
    if (!text.empty()) text += " and ";
    text += "at most " + bound_text(type, options.max);
  }
  return text;
}

bool within_bounds(const FieldOptions& options, double value) {
  return (options.above_min ? value > options.min : value >= options.min) && value <= options.max;
}

std::string example_of(const TypeDescription& type) {
  if (!type.options.example.empty()) return type.options.example;
  return type.dimension ? std::string(dimension_row(*type.dimension).example) : std::string();
}

std::string joined(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace moesim
