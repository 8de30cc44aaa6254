#include "sim/planner/capacity/slo.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/spec_text.hpp"
#include "base/units.hpp"

namespace moesim {
namespace {

constexpr const char* kForm = "write ttft=2s@p99,tpot=50ms@p99,e2e=60s@p90";

SloFigure figure_of(std::string_view name, const std::string& origin) {
  std::vector<std::string> names;
  for (const auto& [figure, known] : EnumNames<SloFigure>::table) {
    if (name == known) return figure;
    names.emplace_back(known);
  }
  const std::string near = nearest(std::string(name), std::span<const std::string>(names));
  throw SpecError(origin, "", fmt::format("no target '{}'", shown_text(name)),
                  near.empty() ? kForm : fmt::format("did you mean \"{}\"?", near));
}

double limit_of(std::string_view text, std::string_view name, const std::string& origin) {
  try {
    const double limit = parse_quantity(text, Dimension::kTime);
    if (limit > 0) return limit;
  } catch (const UnitError& error) {
    throw SpecError(origin, "", fmt::format("{}: {}", name, error.what()), error.hint);
  }
  throw SpecError(origin, "", fmt::format("{} is not above 0", name), kForm);
}

double share_of(std::string_view text, std::string_view name, const std::string& origin) {
  constexpr double kHundred = 100;
  double percent = 0;
  const char* end = text.data() + text.size();
  const bool starts = !text.empty() && text[0] == 'p';
  const auto [stop, fault] = starts ? std::from_chars(text.data() + 1, end, percent)
                                    : std::from_chars_result{text.data(), std::errc::invalid_argument};
  if (fault != std::errc{} || stop != end || !(percent > 0) || percent > kHundred) {
    throw SpecError(
        origin, "",
        fmt::format("{}: '{}' is no percentile above p0 and at most p100", name, shown_text(text)), kForm);
  }
  return percent / kHundred;
}

SloTarget target_of(std::string_view text, const std::string& origin) {
  const std::size_t equals = text.find('=');
  const std::size_t at = text.rfind('@');
  if (equals == std::string_view::npos || at == std::string_view::npos || at < equals) {
    throw SpecError(origin, "", fmt::format("'{}' is no NAME=TIME@pPERCENT", shown_text(text)), kForm);
  }
  const std::string_view name = text.substr(0, equals);
  const SloFigure figure = figure_of(name, origin);
  return {figure, limit_of(text.substr(equals + 1, at - equals - 1), name, origin),
          share_of(text.substr(at + 1), name, origin)};
}

/// Whether a fleet that meets `a` meets `b` in any case. A first token comes before the last one.
bool implies(const SloTarget& a, const SloTarget& b) {
  const bool figures = a.figure == b.figure || (a.figure == SloFigure::e2e && b.figure == SloFigure::ttft);
  return figures && a.share >= b.share && a.limit_s <= b.limit_s;
}

}  // namespace

std::string SloTarget::text() const {
  constexpr double kHundred = 100;
  return fmt::format("{}={}@p{}", enum_name(figure), quantity_text(limit_s, Dimension::kTime),
                     number_text(kHundred * share));
}

std::vector<SloTarget> read_slo(std::string_view text, const std::string& origin) {
  std::vector<SloTarget> targets;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    std::string_view part = text.substr(begin, comma - begin);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    targets.push_back(target_of(part, origin));
    begin = comma + 1;
  }
  check_slo(targets, origin);
  return targets;
}

void check_slo(const std::vector<SloTarget>& targets, const std::string& origin) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (std::size_t j = 0; j < targets.size(); ++j) {
      if (i == j || !implies(targets[i], targets[j])) continue;
      throw SpecError(origin, "",
                      fmt::format("{} asks for nothing beside {}", targets[j].text(), targets[i].text()),
                      "leave one of the two out");
    }
  }
}

}  // namespace moesim
