#include "calib/fit/timed_points.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "calib/fit/fit_rule.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

/// What all points of a curve share, and the place along it.
using CurveKey = std::tuple<TimedOperator, std::string, NumberFormat, GemmRole, std::vector<double>>;

double axis_or_zero(const Entry& entry, const std::string& axis) {
  const auto at = entry.axes.find(axis);
  return at == entry.axes.end() ? 0 : at->second;
}

bool is_along(const Entry& entry, std::string_view axis) {
  const FitRule* rule = fit_rule(entry.op);
  return rule != nullptr && rule->is_along(axis);
}

CurveKey curve_of(const Entry& entry) {
  std::vector<double> axes;
  for (const auto& axis : axes_of(entry.op)) {
    if (!is_along(entry, axis)) axes.push_back(entry.axis(axis));
  }
  for (const auto& axis : optional_axes_of(entry.op)) {
    if (!is_along(entry, axis)) axes.push_back(axis_or_zero(entry, axis));
  }
  return {entry.op, entry.name, entry.format, entry.role, std::move(axes)};
}

/// Along the curve: the axis of the rule first, then those that change with it.
std::vector<double> place_along(const Entry& entry) {
  const FitRule* rule = fit_rule(entry.op);
  if (rule == nullptr) return {};
  std::vector<double> place{axis_or_zero(entry, std::string(rule->along))};
  for (const auto axis : rule->with) place.push_back(axis_or_zero(entry, std::string(axis)));
  return place;
}

std::string named(const Entry& entry, bool without_along) {
  std::string name = fmt::format("{}|{}|{}|{}", enum_name(entry.op), entry.name, enum_name(entry.format),
                                 enum_name(entry.role));
  for (const auto& [axis, value] : entry.axes) {
    if (!without_along || !is_along(entry, axis)) name += fmt::format("|{}={}", axis, value);
  }
  return name;
}

struct Place {
  CurveKey curve;
  std::vector<double> along;
  Provenance provenance;
  double seconds;
  auto operator<=>(const Place&) const = default;
};

}  // namespace

SortedEntries sort_entries(const ProfileFile& file) {
  SortedEntries out;
  const auto add = [&](Entry entry) {
    const bool is_point =
        fit_rule(entry.op) != nullptr && !calibrated_operator(entry).empty() && !entry.bandwidth;
    (is_point ? out.points : out.others).push_back(std::move(entry));
  };
  for (const Entry& entry : file.entries) add(entry);
  for (const EntryTable& table : file.tables) {
    for (Entry& entry : entries_of(table)) add(std::move(entry));
  }
  return out;
}

std::vector<Entry> merge_repeated(std::vector<Entry> points) {
  std::vector<std::pair<Place, std::size_t>> order;
  order.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Entry& e = points[i];
    order.push_back({{curve_of(e), place_along(e), e.provenance, time_of(e).value()}, i});
  }
  std::sort(order.begin(), order.end());
  std::vector<Entry> out;
  const Place* last = nullptr;
  for (const auto& [place, index] : order) {
    Entry& entry = points[index];
    if (last != nullptr && last->curve == place.curve && last->along == place.along) {
      if (place.provenance == last->provenance)
        out.back().p90 = std::max(out.back().p90, place.seconds * entry.p90 / out.back().time->value());
      continue;
    }
    last = &place;
    entry.time = Seconds(place.seconds);
    entry.rate.reset();
    out.push_back(std::move(entry));
  }
  return out;
}

bool share_curve(const Entry& a, const Entry& b) {
  return curve_of(a) == curve_of(b);
}

std::string point_name(const Entry& entry) {
  return named(entry, false);
}

std::string curve_name(const Entry& entry) {
  return named(entry, true);
}

}  // namespace moesim
