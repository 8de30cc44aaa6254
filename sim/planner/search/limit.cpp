#include "sim/planner/search/limit.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/units.hpp"

namespace moesim {
namespace {

[[noreturn]] void refuse(const std::string& origin, std::string_view text, const std::string& what,
                         const std::string& hint) {
  throw SpecError("", "", fmt::format("{} {}: {}", origin, text, what), hint);
}

LimitUnit unit_of(std::string_view path) {
  if (path.ends_with("_s")) return LimitUnit::time;
  return path.ends_with("_B") || path.find("_B.") != std::string_view::npos ? LimitUnit::bytes
                                                                            : LimitUnit::number;
}

LimitName named(std::string_view word, std::span<const LimitName> names, std::string_view text,
                const std::string& origin) {
  std::vector<std::string_view> known;
  for (const LimitName& name : names) {
    if (name.name == word) return name;
    known.push_back(name.name);
  }
  if (word.find('_') != std::string_view::npos || word.find('.') != std::string_view::npos)
    return {word, word, unit_of(word)};
  const std::string near = nearest(word, std::span<const std::string_view>(known));
  refuse(origin, text, fmt::format("no figure \"{}\"", word),
         near.empty() ? fmt::format("figures: {}; or a key of the summary", fmt::join(known, ", "))
                      : fmt::format("did you mean \"{}\"?", near));
}

double number_of(const std::string& value, std::string_view text, const std::string& origin) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(number))
    refuse(origin, text, fmt::format("\"{}\" is no number", value), "give a plain number, as 0.1");
  return number;
}

double value_of(LimitUnit unit, const std::string& value, std::string_view text, const std::string& origin) {
  try {
    if (unit == LimitUnit::time) return parse<Seconds>(value).value();
    if (unit == LimitUnit::bytes) return parse<Bytes>(value).value();
  } catch (const UnitError& error) {
    refuse(origin, text, error.what(), error.hint);
  }
  return number_of(value, text, origin);
}

}  // namespace

Limit read_limit(std::string_view text, std::span<const LimitName> names, const std::string& origin) {
  const std::size_t at = text.find_first_of("<>");
  if (at == std::string_view::npos || at == 0 || at + 1 >= text.size() || text[at + 1] != '=')
    refuse(origin, text, "no limit", "write NAME<=VALUE or NAME>=VALUE, as memory<=70GiB");
  const LimitName name = named(text.substr(0, at), names, text, origin);
  const double value = value_of(name.unit, std::string(text.substr(at + 2)), text, origin);
  if (value < 0 || (name.unit == LimitUnit::fraction && value > 1))
    refuse(origin, text, "out of range", "give a share from 0 to 1, or a number that is not negative");
  return {std::string(text), std::string(name.figure), text[at] == '<', value};
}

void check_limits(std::span<const Limit> limits, const std::string& origin) {
  for (const Limit& low : limits) {
    for (const Limit& high : limits) {
      if (low.at_most || !high.at_most || low.figure != high.figure || low.value <= high.value) continue;
      throw SpecError("", "", fmt::format("{} {} contradicts {}", origin, low.text, high.text),
                      "no layout holds both: leave one out");
    }
  }
}

double miss_fraction(const Limit& limit, double value) {
  const double miss = limit.at_most ? value - limit.value : limit.value - value;
  if (miss <= 0) return 0;
  return limit.value > 0 ? miss / limit.value : std::numeric_limits<double>::max();
}

}  // namespace moesim
