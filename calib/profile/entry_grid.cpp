#include "calib/profile/entry_grid.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace moesim {

namespace {

constexpr std::string_view kP90 = "p90";

/// The value of a column "m=128" of `axis`; nothing for other columns.
std::optional<double> value_of(std::string_view column, std::string_view axis) {
  if (!column.starts_with(axis) || column.size() <= axis.size() || column[axis.size()] != '=')
    return std::nullopt;
  const std::string_view text = column.substr(axis.size() + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value <= 0)
    return std::nullopt;
  return value;
}

std::optional<SpecIssue> find_row_fault(const std::vector<double>& row, const EntryGrid& grid,
                                        std::size_t num_columns, std::size_t index) {
  const std::string pointer = fmt::format("/rows/{}", index);
  if (row.size() != num_columns) {
    return SpecIssue{pointer, fmt::format("{} numbers for {} columns", row.size(), num_columns),
                     "give one number a column"};
  }
  const std::size_t first = grid.row_axes.size(), last = first + grid.values.size();
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool is_time = i >= first && i < last;
    if (row[i] > 0 || (is_time && row[i] == 0)) continue;
    return SpecIssue{fmt::format("{}/{}", pointer, i), fmt::format("must be above 0, got {}", row[i]),
                     is_time ? "write 0 where nothing was timed" : "leave the row out"};
  }
  const auto begin = row.begin() + static_cast<std::ptrdiff_t>(first);
  const bool any = std::any_of(begin, begin + static_cast<std::ptrdiff_t>(grid.values.size()),
                               [](double time) { return time > 0; });
  return any ? std::nullopt : std::optional(SpecIssue{pointer, "no time", "leave the row out"});
}

}  // namespace

std::optional<EntryGrid> grid_of(const EntryTable& table) {
  EntryGrid grid;
  for (const std::string& column : table.columns) {
    const auto equals = column.find('=');
    if (equals == std::string::npos) {
      if (grid.axis.empty()) {
        grid.row_axes.push_back(column);
      } else {
        grid.has_p90 = column == kP90;
      }
      continue;
    }
    if (grid.axis.empty()) grid.axis = column.substr(0, equals);
    if (const auto value = value_of(column, grid.axis)) grid.values.push_back(*value);
  }
  return grid.axis.empty() ? std::nullopt : std::optional(std::move(grid));
}

bool is_gemm_grid(const EntryTable& table) {
  return table.op == TimedOperator::gemm && table.regime == Regime::isolated && grid_of(table).has_value();
}

std::optional<SpecIssue> find_grid_fault(const EntryTable& table) {
  const EntryGrid grid = *grid_of(table);
  auto axes = grid.row_axes;
  axes.push_back(grid.axis);
  std::sort(axes.begin(), axes.end());
  auto expected = axes_of(table.op);
  std::sort(expected.begin(), expected.end());
  const std::size_t columns = grid.row_axes.size() + grid.values.size() + std::size_t{grid.has_p90};
  if (axes != expected || columns != table.columns.size() ||
      !std::is_sorted(grid.values.begin(), grid.values.end(), std::less_equal<>())) {
    return SpecIssue{
        "/columns", fmt::format("no columns of a grid of {}", enum_name(table.op)),
        fmt::format("all but one of {}, then the values of that one ascending, e.g. m=1, m=2, and "
                    "perhaps p90",
                    fmt::join(axes_of(table.op), ", "))};
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (auto fault = find_row_fault(table.rows[i], grid, table.columns.size(), i)) return fault;
  }
  return std::nullopt;
}

}  // namespace moesim
