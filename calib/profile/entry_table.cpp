#include "calib/profile/entry_table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "calib/profile/entry_grid.hpp"

namespace moesim {

namespace {

constexpr std::string_view kTime = "time_us";
constexpr double kMicrosecond = 1e-6;

/// Columns that may follow the time, in this order, and what they are of an entry.
struct SpreadColumn {
  std::string_view name;
  void (*set)(Entry& entry, double value);
};
constexpr std::array<SpreadColumn, 3> kSpread{{
    {"p10", [](Entry& entry, double value) { entry.p10 = value; }},
    {"p90", [](Entry& entry, double value) { entry.p90 = value; }},
    {"num_samples", [](Entry& entry, double value) { entry.num_samples = static_cast<int>(value); }},
}};

/// Where the time stands; the axes are before it.
std::size_t place_of_time(const EntryTable& table) {
  const auto found = std::find(table.columns.begin(), table.columns.end(), kTime);
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// The columns without those that may follow the time.
std::vector<std::string> without_spread(std::vector<std::string> columns) {
  for (auto spread = kSpread.rbegin(); spread != kSpread.rend(); ++spread)
    if (!columns.empty() && columns.back() == spread->name) columns.pop_back();
  return columns;
}

}  // namespace

const Spec<EntryTable>& spec_of(const EntryTable*) {
  using T = EntryTable;
  static const Spec<T> spec =
      Spec<T>("entry_table", "Timed points that share all but shape and time.")
          .field("operator", &T::op, "what is timed")
          .field("name", &T::name, "variant or part of the operator", optional())
          .field("role", &T::role, "pass of training", optional())
          .field("regime", &T::regime, "how the GPU was used around a call", optional())
          .field("format", &T::format, "number format of the inputs", optional())
          .field("gpu", &T::gpu, "GPU it was timed on", non_empty())
          .field("kernel", &T::kernel, "library and release", non_empty())
          .field("provenance", &T::provenance, "where it comes from")
          .field("source", &T::source, "source id", non_empty())
          .field("date", &T::date, "date of the figures", optional())
          .field("columns", &T::columns,
                 "axes of the operator, optional ones perhaps, then time_us, perhaps p10, p90, num_samples; "
                 "or, as a "
                 "grid, all axes but one, then its values as m=1, m=2, ..., then perhaps p90",
                 non_empty())
          .field("rows", &T::rows, "one timed point each", non_empty());
  return spec;
}

namespace {

/// What the points of a table share.
Entry shared_entry(const EntryTable& table) {
  Entry entry;
  entry.op = table.op;
  entry.name = table.name;
  entry.role = table.role;
  entry.regime = table.regime;
  entry.format = table.format;
  entry.gpu = table.gpu;
  entry.kernel = table.kernel;
  entry.provenance = table.provenance;
  entry.source = table.source;
  entry.date = table.date;
  return entry;
}

std::vector<Entry> grid_entries(const EntryTable& table, const EntryGrid& grid) {
  Entry entry = shared_entry(table);
  const std::size_t first = grid.row_axes.size();
  std::vector<Entry> out;
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < first; ++i) entry.axes[grid.row_axes[i]] = row[i];
    if (grid.has_p90) entry.p90 = row.back();
    for (std::size_t i = 0; i < grid.values.size(); ++i) {
      if (row[first + i] == 0) continue;
      entry.axes[grid.axis] = grid.values[i];
      entry.time = Seconds(row[first + i] * kMicrosecond);
      out.push_back(entry);
    }
  }
  return out;
}

}  // namespace

std::vector<Entry> entries_of(const EntryTable& table) {
  if (const auto grid = grid_of(table)) return grid_entries(table, *grid);
  Entry entry = shared_entry(table);
  const std::size_t num_axes = place_of_time(table);
  std::vector<Entry> out;
  out.reserve(table.rows.size());
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < num_axes; ++i) entry.axes[table.columns[i]] = row[i];
    entry.time = Seconds(row[num_axes] * kMicrosecond);
    for (std::size_t i = num_axes + 1; i < row.size(); ++i)
      for (const SpreadColumn& spread : kSpread)
        if (table.columns[i] == spread.name) spread.set(entry, row[i]);
    out.push_back(entry);
  }
  return out;
}

std::optional<SpecIssue> find_table_fault(const EntryTable& table) {
  if (table.provenance == Provenance::fitted)
    return SpecIssue{"/provenance", "an entry cannot be fitted", "fitted numbers are constants of a stack"};
  if (grid_of(table)) return find_grid_fault(table);
  auto expected = axes_of(table.op);
  auto columns = without_spread(table.columns);
  for (const auto& axis : optional_axes_of(table.op)) {
    if (std::find(columns.begin(), columns.end(), axis) != columns.end()) expected.push_back(axis);
  }
  expected.emplace_back(kTime);
  const auto num_axes = static_cast<std::ptrdiff_t>(expected.size()) - 1;
  if (columns.size() == expected.size() && columns.back() == kTime)
    std::sort(columns.begin(), columns.begin() + num_axes);
  std::sort(expected.begin(), expected.begin() + num_axes);
  if (columns != expected) {
    return SpecIssue{
        "/columns", fmt::format("no columns of {}", enum_name(table.op)),
        fmt::format("{}, time_us, perhaps p10, p90, num_samples", fmt::join(axes_of(table.op), ", "))};
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    if (row.size() != table.columns.size()) {
      return SpecIssue{fmt::format("/rows/{}", i),
                       fmt::format("{} numbers for {} columns", row.size(), table.columns.size()),
                       "give one number a column"};
    }
    const auto bad = std::find_if(row.begin(), row.end(), [](double value) { return !(value > 0); });
    if (bad != row.end()) {
      return SpecIssue{fmt::format("/rows/{}/{}", i, bad - row.begin()),
                       fmt::format("must be above 0, got {}", *bad), "leave the row out"};
    }
  }
  return std::nullopt;
}

}  // namespace moesim
