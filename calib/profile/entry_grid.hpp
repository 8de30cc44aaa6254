#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// The layout of a grid, a table whose columns "m=1", "m=2", ... hold the times of points along an axis.
struct EntryGrid {
  std::string axis;                   ///< "m"
  std::vector<std::string> row_axes;  ///< the first columns
  std::vector<double> values;         ///< along the axis, ascending: the columns behind them; 0: not timed
  bool has_p90 = false;               ///< the last column, for all points of a row
};

/// The layout of a table that is a grid; nothing for one with a row per point.
std::optional<EntryGrid> grid_of(const EntryTable& table);

/// Whether a profile takes the points of a table to its GEMM curves directly: an isolated grid of dense
/// GEMMs.
bool is_gemm_grid(const EntryTable& table);

/// Entries that have a time as grids along `axis`, one for those that share all but axes, time and kernel:
/// its kernel names all of them. Rows ascend. Times to 4 digits; p90 is the median of a row's, to 3.
std::vector<EntryTable> grids_of(std::span<const Entry> entries, std::string_view axis);

/// As find_table_fault() for a table with a column "AXIS=VALUE".
std::optional<SpecIssue> find_grid_fault(const EntryTable& table);

}  // namespace moesim
