// From entries to grids.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "calib/profile/entry_grid.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

constexpr int kGridDigits = 4;
constexpr double kMicrosecondsPerSecond = 1e6;

using GridKey = std::tuple<TimedOperator, std::string, NumberFormat, GemmRole, Regime, std::string,
                           std::string, Provenance, std::string>;

GridKey key_of(const Entry& e) {
  return {e.op, e.name, e.format, e.role, e.regime, e.source, e.gpu, e.provenance, e.date};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Points of one grid.
struct Points {
  std::set<std::string> kernels;
  std::set<double> values;                                               ///< along the axis
  std::map<std::vector<double>, std::map<double, const Entry*>> by_row;  ///< by the other axes
};

std::vector<double> row_of(const std::vector<double>& axes, const std::map<double, const Entry*>& points,
                           const std::set<double>& values) {
  std::vector<double> row = axes;
  std::vector<double> spreads;
  for (const double value : values) {
    const auto at = points.find(value);
    if (at == points.end()) {
      row.push_back(0);
      continue;
    }
    row.push_back(rounded(time_of(*at->second).value() * kMicrosecondsPerSecond, kGridDigits));
    spreads.push_back(at->second->p90);
  }
  row.push_back(rounded(median(std::move(spreads)), kSpreadDigits));
  return row;
}

/// Makes the last number of all rows the column p90, or drops it where it is 1 everywhere.
void finish_spread(EntryTable& table) {
  const bool spread =
      std::any_of(table.rows.begin(), table.rows.end(), [](const auto& row) { return row.back() != 1; });
  if (spread) {
    table.columns.emplace_back("p90");
  } else {
    for (auto& row : table.rows) row.pop_back();
  }
}

EntryTable grid_from(const Entry& like, const Points& points, std::string_view axis) {
  EntryTable table = empty_table(like);
  table.kernel = fmt::format("{}", fmt::join(points.kernels, ", "));
  table.columns.clear();
  for (const auto& name : axes_of(like.op)) {
    if (name != axis) table.columns.push_back(name);
  }
  for (const double value : points.values) table.columns.push_back(fmt::format("{}={}", axis, value));
  for (const auto& [axes, row] : points.by_row) table.rows.push_back(row_of(axes, row, points.values));
  finish_spread(table);
  return table;
}

}  // namespace

std::vector<EntryTable> grids_of(std::span<const Entry> entries, std::string_view axis) {
  std::map<GridKey, std::pair<const Entry*, Points>> grids;
  for (const Entry& entry : entries) {
    auto& [like, points] = grids[key_of(entry)];
    if (like == nullptr) like = &entry;
    std::vector<double> others;
    for (const auto& name : axes_of(entry.op)) {
      if (name != axis) others.push_back(entry.axis(name));
    }
    points.kernels.insert(entry.kernel);
    points.values.insert(entry.axis(axis));
    points.by_row[std::move(others)].emplace(entry.axis(axis), &entry);
  }
  std::vector<EntryTable> out;
  for (const auto& [key, grid] : grids) out.push_back(grid_from(*grid.first, grid.second, axis));
  return out;
}

}  // namespace moesim
