// From entries to tables.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

constexpr int kTimeDigits = 5;
constexpr double kMicrosecondsPerSecond = 1e6;

/// Axes of the operator in their order, then the optional ones that the entry has.
std::vector<std::string> columns_of(const Entry& entry) {
  auto columns = axes_of(entry.op);
  for (const auto& axis : optional_axes_of(entry.op)) {
    if (entry.axes.contains(axis)) columns.push_back(axis);
  }
  return columns;
}

/// What all rows of a table share; last, whether their samples were counted.
using TableKey =
    std::tuple<TimedOperator, std::string, NumberFormat, GemmRole, Regime, std::string, std::string,
               std::string, Provenance, std::string, std::vector<std::string>, bool>;

TableKey key_of(const Entry& e) {
  return {e.op,     e.name, e.format,     e.role, e.regime,      e.kernel,
          e.source, e.gpu,  e.provenance, e.date, columns_of(e), e.num_samples > 0};
}

/// A column behind the time, left out where every row has the value of an entry that says nothing.
struct SpreadColumn {
  const char* name;
  double absent;
};
constexpr std::array<SpreadColumn, 3> kSpread{{{"p10", 1}, {"p90", 1}, {"num_samples", 0}}};

/// Keeps those of the last columns of all rows that say something.
void finish_columns(EntryTable& table) {
  const std::size_t first = table.rows.front().size() - kSpread.size();
  std::size_t kept = first;
  for (std::size_t i = 0; i < kSpread.size(); ++i) {
    const bool says = std::any_of(table.rows.begin(), table.rows.end(),
                                  [&](const auto& row) { return row[first + i] != kSpread[i].absent; });
    if (!says) continue;
    table.columns.emplace_back(kSpread[i].name);
    for (auto& row : table.rows) row[kept] = row[first + i];
    ++kept;
  }
  for (auto& row : table.rows) row.resize(kept);
}

}  // namespace

double rounded(double value, int digits) {
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

EntryTable empty_table(const Entry& entry) {
  EntryTable table;
  table.op = entry.op;
  table.name = entry.name;
  table.format = entry.format;
  table.role = entry.role;
  table.regime = entry.regime;
  table.gpu = entry.gpu;
  table.kernel = entry.kernel;
  table.provenance = entry.provenance;
  table.source = entry.source;
  table.date = entry.date;
  table.columns = columns_of(entry);
  return table;
}

std::vector<EntryTable> tables_of(std::span<const Entry> entries) {
  std::map<TableKey, EntryTable> tables;
  for (const Entry& entry : entries) {
    auto [at, is_new] = tables.try_emplace(key_of(entry));
    EntryTable& table = at->second;
    if (is_new) table = empty_table(entry);
    std::vector<double> row;
    row.reserve(table.columns.size() + 1 + kSpread.size());
    for (const auto& axis : table.columns) row.push_back(entry.axes.find(axis)->second);
    row.push_back(rounded(time_of(entry).value() * kMicrosecondsPerSecond, kTimeDigits));
    row.push_back(rounded(entry.p10, kSpreadDigits));
    row.push_back(rounded(entry.p90, kSpreadDigits));
    row.push_back(entry.num_samples);
    table.rows.push_back(std::move(row));
  }
  std::vector<EntryTable> out;
  for (auto& [key, table] : tables) {
    table.columns.emplace_back("time_us");
    finish_columns(table);
    out.push_back(std::move(table));
  }
  return out;
}

}  // namespace moesim
