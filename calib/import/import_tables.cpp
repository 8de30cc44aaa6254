#include "calib/import/import_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/import/kernel_row.hpp"
#include "calib/import/thin.hpp"
#include "calib/profile/profile.hpp"

namespace moesim {

namespace {

/// To `digits` digits, as the file holds it.
double rounded(double value, int digits) {
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

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

/// Reads every table; suspects go to the report.
std::vector<KernelRow> usable_rows(const TableImport& import, const GpuFacts& gpu, ImportReport& report) {
  std::vector<std::filesystem::path> files = import.files;
  std::sort(files.begin(), files.end());
  std::vector<KernelRow> all;
  std::string device;
  for (const auto& file : files) {
    KernelRows table = read_kernel_rows(KernelTable(file));
    if (device.empty()) device = table.device;
    if (device != table.device)
      throw SpecError(table.file, "", fmt::format("of '{}', others of '{}'", table.device, device),
                      "import the tables of one GPU at a time");
    TableCount count{table.file, table.table, table.num_read, table.num_unused, 0};
    for (KernelRow& row : table.rows) {
      if (auto reason = impossibility(row, gpu)) {
        ++count.suspect;
        report.suspects.push_back({table.file, row.line, std::move(*reason)});
      } else {
        all.push_back(std::move(row));
      }
    }
    report.tables.push_back(std::move(count));
  }
  return all;
}

/// The rows of one operator, format and kernel.
std::vector<EntryTable> entry_tables(const std::vector<KernelRow>& rows, const std::string& gpu,
                                     const std::string& source) {
  std::map<std::tuple<TimedOperator, NumberFormat, std::string>, EntryTable> tables;
  for (const KernelRow& row : rows) {
    EntryTable& table = tables[{row.op, row.format, row.kernel}];
    if (table.rows.empty()) {
      table.op = row.op;
      table.format = row.format;
      table.gpu = gpu;
      table.kernel = row.kernel;
      table.provenance = Provenance::published;
      table.source = source;
      table.columns = axes_of(row.op);
      table.columns.insert(table.columns.end(), {"time_us", "p90"});
    }
    table.rows.push_back(row.axes);
    table.rows.back().push_back(rounded(row.seconds * 1e6, 5));
    table.rows.back().push_back(rounded(row.slowest / row.seconds, 3));
  }
  std::vector<EntryTable> out;
  for (auto& [key, table] : tables) {
    const bool spread =
        std::any_of(table.rows.begin(), table.rows.end(), [](const auto& row) { return row.back() != 1; });
    if (!spread) {
      table.columns.pop_back();
      for (auto& row : table.rows) row.pop_back();
    }
    out.push_back(std::move(table));
  }
  return out;
}

/// The profile's time of a point; nothing for an operator without a rule.
std::optional<double> predicted(const CalibrationProfile& profile, const KernelRow& row) {
  const auto& axes = row.axes;
  if (row.op == TimedOperator::gemm) return profile.gemm({row.format, axes[0], axes[1], axes[2]}).seconds;
  if (row.op == TimedOperator::gqa_prefill)
    return profile.attention({axes[1], axes[0], axes[0], axes[4], 0, axes[3], true, axes[2]}).seconds;
  if (is_collective(row.op))
    return profile.nccl_time(row.op, static_cast<int>(axes[0]), Bytes(axes[1]))->seconds;
  return std::nullopt;
}

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(std::floor(share * static_cast<double>(sorted.size() - 1)))];
}

/// Points of one operator and format, on curves that are kept or beside them.
struct Group {
  PointCount count;
  std::vector<double> errors;
};
std::string group_name(const KernelRow& row, bool on_kept_curve) {
  std::string name(enum_name(row.op));
  if (!is_collective(row.op)) name += fmt::format(" {}", enum_name(row.format));
  return on_kept_curve ? name : name + ", other curves";
}

void close(Group& group) {
  std::sort(group.errors.begin(), group.errors.end());
  if (group.errors.empty()) return;
  group.count.median_error = quantile(group.errors, 0.5);
  group.count.p90_error = quantile(group.errors, 0.9);
}

/// `rows` and `kept` are in the same order, so that one walk finds what was left out.
void count_points(const std::vector<KernelRow>& rows, const std::vector<KernelRow>& kept,
                  const CalibrationProfile& profile, ImportReport& report) {
  std::map<std::string, Group> groups;
  auto next = kept.begin();
  for (const KernelRow& row : rows) {
    const bool behind = next != kept.begin() && share_curve(*(next - 1), row);
    const bool before = next != kept.end() && share_curve(*next, row);
    Group& group = groups[group_name(row, behind || before)];
    ++group.count.points;
    if (before && next->axes == row.axes) {
      ++group.count.kept;
      ++next;
    } else if (const auto seconds = predicted(profile, row)) {
      group.errors.push_back(std::abs(*seconds / row.seconds - 1));
    }
  }
  for (auto& [name, group] : groups) {
    group.count.name = name;
    close(group);
    report.points.push_back(std::move(group.count));
  }
}

}  // namespace

ProfileFile import_tables(const TableImport& import, ImportReport& report) {
  ProfileFile profile = start_of(import);
  const auto rows = merge_repeated(usable_rows(import, profile.gpu, report));
  if (rows.empty())
    throw SpecError(import.files.empty() ? "" : import.files.front().string(), "", "no row can be used",
                    "see docs/calibration.md for what is read");
  const auto kept = thin(rows);
  for (auto& table : entry_tables(kept, profile.gpu.name, import.source))
    profile.tables.push_back(std::move(table));
  count_points(rows, kept, CalibrationProfile(profile, {}, profile.name), report);
  return profile;
}

}  // namespace moesim
