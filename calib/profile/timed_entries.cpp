#include "calib/profile/timed_entries.hpp"

#include <algorithm>

#include "calib/profile/entry_grid.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

std::vector<Entry> timed_entries(const CalibrationProfile& profile) {
  std::vector<Entry> out = profile.entries();
  for (const EntryTable& table : profile.file().tables) {
    if (!is_gemm_grid(table) || profile.excluded().contains(table.source)) continue;
    auto points = entries_of(table);
    std::move(points.begin(), points.end(), std::back_inserter(out));
  }
  return out;
}

void remove_point(const Entry& entry, EntryTable& grid) {
  const EntryGrid layout = *grid_of(grid);
  const auto first = static_cast<std::ptrdiff_t>(layout.row_axes.size());
  const auto at = std::find(layout.values.begin(), layout.values.end(), entry.axis(layout.axis));
  if (at == layout.values.end()) return;
  const auto column = static_cast<std::size_t>(first + (at - layout.values.begin()));
  for (auto row = grid.rows.begin(); row != grid.rows.end(); ++row) {
    bool same = true;
    for (std::size_t i = 0; i < layout.row_axes.size(); ++i)
      same = same && (*row)[i] == entry.axis(layout.row_axes[i]);
    if (!same) continue;
    (*row)[column] = 0;
    const auto times = row->begin() + first;
    const bool any = std::any_of(times, times + static_cast<std::ptrdiff_t>(layout.values.size()),
                                 [](double time) { return time > 0; });
    if (!any) grid.rows.erase(row);
    return;
  }
}

}  // namespace moesim
