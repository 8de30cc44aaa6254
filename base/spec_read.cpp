#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "base/spec_text.hpp"

namespace moesim {
namespace {

void fail_type(const SpecReader& value, std::string_view expected, std::string hint = {}) {
  value.fail(fmt::format("expected {}, got {}", expected, shown_value(value.value())), std::move(hint));
}

bool check_bounds(const SpecReader& value, const TypeDescription& type, double number) {
  if (within_bounds(type.options, number)) return true;
  value.fail(fmt::format("must be {}, got {}", bounds_text(type), shown_value(value.value())));
  return false;
}

/// The JSON number as a Whole, also where it is written 8.0 or 1e6; nothing where it is no whole number of
/// the type.
template <class Whole>
std::optional<Whole> whole_number(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return std::in_range<Whole>(number) ? std::optional(static_cast<Whole>(number)) : std::nullopt;
  }
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    return std::in_range<Whole>(number) ? std::optional(static_cast<Whole>(number)) : std::nullopt;
  }
  const double number = value.get<double>();
  const double end = std::ldexp(1.0, std::numeric_limits<Whole>::digits);  // one past the largest
  const bool fits = number < end && number >= static_cast<double>(std::numeric_limits<Whole>::min());
  return fits ? std::optional(static_cast<Whole>(number)) : std::nullopt;
}

template <class Whole>
std::optional<Whole> read_whole(const SpecReader& value, const TypeDescription& type, Whole min, Whole max) {
  const Json& json = value.value();
  const bool is_whole = json.is_number() && json.get<double>() == std::trunc(json.get<double>());
  if (!is_whole) {
    fail_type(value, "a whole number", json.is_string() ? "write it without quotes" : "");
    return std::nullopt;
  }
  const auto number = whole_number<Whole>(json);
  if (!number || *number < min || *number > max) {
    value.fail(fmt::format("must be {}, got {}", bounds_text(type), shown_value(json)));
    return std::nullopt;
  }
  if (!check_bounds(value, type, static_cast<double>(*number))) return std::nullopt;
  return number;
}

bool check_size(const SpecReader& value, const TypeDescription& type) {
  if (value.value().size() >= type.options.min_items) return true;
  value.fail(
      fmt::format("needs at least {} element(s), got {}", type.options.min_items, value.value().size()));
  return false;
}

}  // namespace

std::optional<bool> read_bool(const SpecReader& value) {
  if (value.value().is_boolean()) return value.value().get<bool>();
  fail_type(value, "true or false", value.value().is_string() ? "write it without quotes" : "");
  return std::nullopt;
}

std::optional<std::int64_t> read_signed(const SpecReader& value, const TypeDescription& type,
                                        std::int64_t min, std::int64_t max) {
  return read_whole<std::int64_t>(value, type, min, max);
}

std::optional<std::uint64_t> read_unsigned(const SpecReader& value, const TypeDescription& type,
                                           std::uint64_t max) {
  return read_whole<std::uint64_t>(value, type, 0, max);
}

std::optional<double> read_number(const SpecReader& value, const TypeDescription& type) {
  if (!value.value().is_number()) {
    fail_type(value, "a number",
              value.value().is_string() ? "write a plain number without quotes and unit" : "");
    return std::nullopt;
  }
  const double number = value.value().get<double>();
  return check_bounds(value, type, number) ? std::optional(number) : std::nullopt;
}

std::optional<std::string> read_text(const SpecReader& value, const TypeDescription& type) {
  const std::vector<std::string>& allowed = type.options.choices;
  if (!value.value().is_string()) {
    fail_type(value, "a text", allowed.empty() ? "write it in double quotes" : "one of " + joined(allowed));
    return std::nullopt;
  }
  const auto& text = value.value().get_ref<const std::string&>();
  if (text.size() < type.options.min_items) {
    value.fail("must not be empty");
    return std::nullopt;
  }
  if (allowed.empty() || std::ranges::find(allowed, text) != allowed.end()) return text;
  const std::string near = nearest(shown_text(text), allowed);
  const std::string guess = near.empty() ? "" : fmt::format("did you mean '{}'? ", near);
  value.fail(fmt::format("unknown value '{}'", shown_text(text)), guess + "one of " + joined(allowed));
  return std::nullopt;
}

std::optional<double> read_quantity(const SpecReader& value, const TypeDescription& type) {
  const Json& json = value.value();
  const std::string write_unit = fmt::format("write the unit, for example \"{}\"", example_of(type));
  if (json.is_number()) {
    if (json.get<double>() == 0.0) return check_bounds(value, type, 0.0) ? std::optional(0.0) : std::nullopt;
    fail_type(value, fmt::format("a {} with a unit", dimension_row(*type.dimension).name), write_unit);
    return std::nullopt;
  }
  if (!json.is_string()) {
    fail_type(value, fmt::format("a text with a {}", dimension_row(*type.dimension).name), write_unit);
    return std::nullopt;
  }
  try {
    const double si = parse_quantity(json.get_ref<const std::string&>(), *type.dimension);
    return check_bounds(value, type, si) ? std::optional(si) : std::nullopt;
  } catch (const UnitError& error) {
    value.fail(error.what(), type.options.example.empty() ? error.hint : write_unit);
    return std::nullopt;
  }
}

void read_raw(const SpecReader& value, RawJson& out) {
  out.text = write_json(value.value(), -1);
  out.text.pop_back();  // the newline
}

void Codec<Json>::read(Json& out, const SpecReader& value, const TypeDescription&) {
  out = value.value();
}

bool read_array(const SpecReader& value, const TypeDescription& type,
                const std::function<void(const SpecReader& element)>& visit) {
  if (!value.value().is_array()) {
    const Json& alone = value.value();
    fail_type(
        value, "an array",
        alone.is_number() ? "write [" + alone.dump() + "]" : (alone.is_structured() ? "" : "put it in [ ]"));
    return false;
  }
  if (!check_size(value, type)) return false;
  for (std::size_t i = 0; i < value.value().size() && !value.full(); ++i) {
    visit(value.child(i, value.value()[i]));
  }
  return true;
}

bool read_map(const SpecReader& value, const TypeDescription& type,
              const std::function<void(const std::string& key, const SpecReader& element)>& visit) {
  if (!value.value().is_object()) {
    fail_type(value, "an object", "write its keys in { }");
    return false;
  }
  if (!check_size(value, type)) return false;
  for (const auto& [key, element] : value.value().items()) {
    if (value.full()) break;
    visit(key, value.child(key, element));
  }
  return true;
}

void SpecReader::fail(std::string what, std::string hint) const {
  fail_at("", std::move(what), std::move(hint));
}

void SpecReader::fail_at(const std::string& relative_pointer, std::string what, std::string hint) const {
  if (full()) return;
  issues_->push_back({pointer_ + relative_pointer, std::move(what), std::move(hint)});
}

void SpecReader::explain(std::size_t first, const std::string& hint) const {
  for (std::size_t i = first; i < issues_->size(); ++i) {
    if ((*issues_)[i].hint.empty()) (*issues_)[i].hint = hint;
  }
}

SpecReader SpecReader::child(std::string_view key, const Json& value) const {
  return {value, child_pointer(pointer_, key), *issues_};
}

SpecReader SpecReader::child(std::size_t index, const Json& value) const {
  return {value, child_pointer(pointer_, index), *issues_};
}

}  // namespace moesim
