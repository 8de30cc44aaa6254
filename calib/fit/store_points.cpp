#include "calib/fit/store_points.hpp"

#include <map>
#include <string_view>
#include <vector>

#include "calib/fit/fit_rule.hpp"
#include "calib/profile/entry_grid.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

/// A timing of which more than the time is known; a grid has no place for that, a table has.
bool has_spread(const Entry& entry) {
  return entry.num_samples > 0 || entry.p10 != 1;
}

/// What curves are made of, and what was measured beside it.
bool fits_table(const Entry& entry) {
  if (entry.bandwidth || !entry.phase.empty()) return false;
  return fit_rule(entry.op) != nullptr || has_spread(entry);
}

}  // namespace

void store_points(std::span<const Entry> points, ProfileFile& profile) {
  std::map<std::string_view, std::vector<Entry>> grids;  // by axis
  std::vector<Entry> rows;
  for (const Entry& point : points) {
    const FitRule* rule = fit_rule(point.op);
    if (!fits_table(point)) {
      profile.entries.push_back(point);
    } else if (rule != nullptr && rule->as_grid && !has_spread(point)) {
      grids[rule->along].push_back(point);
    } else {
      rows.push_back(point);
    }
  }
  for (const auto& [axis, entries] : grids) {
    for (EntryTable& table : grids_of(entries, axis)) profile.tables.push_back(std::move(table));
  }
  for (EntryTable& table : tables_of(rows)) profile.tables.push_back(std::move(table));
}

}  // namespace moesim
