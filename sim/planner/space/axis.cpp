#include "sim/planner/space/axis.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/spec_pointer.hpp"
#include "base/spec_text.hpp"

namespace moesim {
namespace {

constexpr const char* kForm = "write POINTER=V1,V2,..., for example /layout/tp=1,2,4";

/// Where in a text of values a comma separates.
class Separators {
 public:
  /// Whether this character is a comma that separates.
  bool at(char character) {
    if (in_quotes_) {
      if (!escaped_ && character == '"') in_quotes_ = false;
      escaped_ = !escaped_ && character == '\\';
      return false;
    }
    if (character == '"') in_quotes_ = true;
    if (character == '[' || character == '{') ++depth_;
    if (character == ']' || character == '}') --depth_;
    return character == ',' && depth_ == 0;
  }
  [[nodiscard]] bool balanced() const { return depth_ == 0 && !in_quotes_; }

 private:
  int depth_ = 0;
  bool in_quotes_ = false;
  bool escaped_ = false;
};

Json value_of(std::string_view text, const std::string& origin) {
  try {
    return parse_json(text, origin);
  } catch (const SpecError&) {
    return std::string(text);  // plain text such as 450 GB/s needs no quotes
  }
}

void add_value(Axis& axis, std::string_view text, const std::string& origin) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  text = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
  if (text.empty()) throw SpecError(origin, axis.pointer, "a value is empty", kForm);
  Json value = value_of(text, origin);
  if (std::ranges::find(axis.values, value) != axis.values.end()) {
    throw SpecError(origin, axis.pointer, fmt::format("the value {} comes twice", shown_text(text)),
                    "leave one out");
  }
  axis.values.push_back(std::move(value));
}

}  // namespace

Axis read_axis(std::string_view text, const std::string& origin) {
  const std::size_t equals = text.find('=');
  if (text.empty() || text[0] != '/' || equals == std::string_view::npos) {
    throw SpecError(origin, "", fmt::format("'{}' is no POINTER=V1,V2,...", shown_text(text)), kForm);
  }
  Axis axis{std::string(text.substr(0, equals)), {}};
  const std::string_view values = text.substr(equals + 1);
  Separators separators;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!separators.at(values[i])) continue;
    add_value(axis, values.substr(begin, i - begin), origin);
    begin = i + 1;
  }
  if (!separators.balanced()) {
    throw SpecError(origin, axis.pointer, "a bracket, brace or quote has no end", "close it");
  }
  add_value(axis, values.substr(begin), origin);
  return axis;
}

std::uint64_t num_points(std::span<const Axis> axes) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t count = 1;
  bool too_many = false;
  for (const Axis& axis : axes) {
    const std::uint64_t size = axis.values.size();
    if (size == 0) return 0;
    too_many = too_many || count > kMost / size;
    count *= size;
  }
  return too_many ? kMost : count;
}

std::vector<std::size_t> point_at(std::span<const Axis> axes, std::uint64_t index) {
  std::vector<std::size_t> point(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    const std::uint64_t size = axes[i].values.size();
    point[i] = static_cast<std::size_t>(index % size);
    index /= size;
  }
  return point;
}

Json scenario_at(const Json& scenario, const std::string& file, std::span<const Axis> axes,
                 std::span<const std::size_t> point) {
  static const Json kAnything = Json::object();
  Json changed = scenario;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    set_value_at_pointer(changed, kAnything, file, axes[i].pointer, axes[i].values[point[i]]);
  }
  return changed;
}

Json changes_at(std::span<const Axis> axes, std::span<const std::size_t> point) {
  Json changes = Json::object();
  for (std::size_t i = 0; i < axes.size(); ++i) changes[axes[i].pointer] = axes[i].values[point[i]];
  return changes;
}

void check_axis(const Axis& axis, const Json& scenario, const Json& schema, const std::string& origin) {
  Json changed = scenario;
  for (const Json& value : axis.values) set_value_at_pointer(changed, schema, origin, axis.pointer, value);
}

}  // namespace moesim
