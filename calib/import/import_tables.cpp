#include "calib/import/import_tables.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/import/kernel_row.hpp"
#include "calib/import/row_readers.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

ProfileFile start_of(const TableImport& import) {
  if (!import.base && !import.gpu)
    throw SpecError("", "", "neither a GPU nor a profile to extend", "give its datasheet or a base");
  ProfileFile profile = import.base.value_or(ProfileFile{});
  profile.schema_version = kProfileSchemaVersion;
  if (import.gpu) profile.gpu = *import.gpu;
  if (!import.name.empty()) profile.name = import.name;
  if (profile.name.empty())
    throw SpecError("", "", "the profile has no name", "name it (--name), or give a base (--base)");
  if (!has_source(profile.sources, import.source))
    profile.sources.push_back({import.source, "Tables of measured kernels", "", ""});
  return profile;
}

/// Whether one name is the other with a variant behind it, as "NVIDIA H100" and "NVIDIA H100 80GB HBM3".
bool same_gpu(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (b.size() == a.size() || b[a.size()] == ' ');
}

/// Reads every table; suspects go to the report.
std::vector<KernelRow> usable_rows(const TableImport& import, const GpuFacts& gpu, ImportReport& report) {
  std::vector<std::filesystem::path> files = import.files;
  std::sort(files.begin(), files.end());
  std::vector<KernelRow> all;
  std::string device;
  for (const auto& file : files) {
    KernelRows table = read_kernel_rows(KernelTable(file));
    if (device.empty()) device = table.device;
    if (!same_gpu(device, table.device))
      throw SpecError(table.file, "", fmt::format("of '{}', others of '{}'", table.device, device),
                      "import the tables of one GPU at a time");
    TableCount count{table.file, table.table, table.num_read, table.num_unused, 0, 0};
    count.unused += leave_out_untuned(table.rows, gpu);
    for (KernelRow& row : table.rows) {
      if (auto reason = impossibility(row, gpu)) {
        ++count.suspect;
        report.suspects.push_back({table.file, row.line, std::move(*reason)});
      } else {
        count.regraded += row.regraded ? 1 : 0;
        all.push_back(std::move(row));
      }
    }
    report.tables.push_back(std::move(count));
  }
  return all;
}

/// A row as an entry; `axes` names those of the row's operator, one for each of its numbers.
Entry entry_of(const KernelRow& row, const std::vector<std::string>& axes, const TableImport& import,
               const std::string& gpu) {
  Entry entry;
  entry.op = row.op;
  entry.name = row.name;
  entry.format = row.format;
  for (std::size_t i = 0; i < row.axes.size(); ++i) entry.axes[axes[i]] = row.axes[i];
  entry.time = Seconds(row.seconds);
  entry.gpu = gpu;
  entry.kernel = row.kernel;
  entry.provenance = Provenance::published;
  entry.source = import.source;
  return entry;
}

/// Axes of the operator, then the optional ones.
std::vector<std::string> all_axes_of(TimedOperator op) {
  auto axes = axes_of(op);
  const auto optional = optional_axes_of(op);
  axes.insert(axes.end(), optional.begin(), optional.end());
  return axes;
}

}  // namespace

ProfileFile import_tables(const TableImport& import, ImportReport& report) {
  ProfileFile profile = start_of(import);
  const auto rows = usable_rows(import, profile.gpu, report);
  if (rows.empty())
    throw SpecError(import.files.empty() ? "" : import.files.front().string(), "", "no row can be used",
                    "see docs/calibration.md for what is read");
  std::vector<Entry> entries;
  entries.reserve(rows.size());
  for (const KernelRow& row : rows)
    entries.push_back(entry_of(row, all_axes_of(row.op), import, profile.gpu.name));
  for (auto& table : tables_of(entries)) profile.tables.push_back(std::move(table));
  return profile;
}

}  // namespace moesim
