#include "calib/measure/measured_profile.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/measure/rank_needs.hpp"
#include "calib/measure/statistics.hpp"

namespace moesim {

namespace {

constexpr std::string_view kSourceId = "moesim-calibrate";

Regime regime_of(TimingRegime regime) {
  switch (regime) {
    case TimingRegime::cold:
      return Regime::isolated;
    case TimingRegime::graph:
      return Regime::graph;
    case TimingRegime::sustained:
      return Regime::sustained;
  }
  return Regime::isolated;
}

/// Operators whose name says what they do; of all others it tells variants apart that do the same.
bool name_says_what(TimedOperator op) {
  return op == TimedOperator::elementwise || op == TimedOperator::copy || op == TimedOperator::launch ||
         op == TimedOperator::link;
}

/// What entries of one table share.
struct TableKey {
  TimedOperator op;
  NumberFormat format;
  GemmRole role;
  Regime regime;
  std::string name;
  std::vector<std::string> axes;
  std::string kernel;
  auto operator<=>(const TableKey&) const = default;
};
using PointKey =
    std::tuple<TimedOperator, NumberFormat, GemmRole, Regime, std::string, std::map<std::string, double>>;

struct TimedPoint {
  Entry entry;
  double time_us = 0;
};

/// BF16 grouped GEMMs of one call run at half the rate of a loop over dense ones, which training libraries
/// make: named after their variant they lie on no curve, so that dense curves answer.
bool stays_beside_curves(const MeasuredCase& point) {
  return point.op == TimedOperator::grouped_gemm && point.format == NumberFormat::bf16 &&
         point.role != GemmRole::weight_gradient;
}

std::string kernel_of(const LogRecord& record, const LogHeader& header) {
  if (!record.kernel.empty()) return record.kernel;
  const std::string& name = record.point.name;
  return fmt::format("moesim-calibrate {} {}{}{}", header.moesim_version, record.point.group,
                     name.empty() ? "" : "/", name);
}

Entry entry_of(const LogRecord& record, const LogHeader& header) {
  const MeasuredCase& point = record.point;
  Entry entry;
  entry.op = point.op;
  entry.format = point.format;
  entry.role = point.role;
  entry.regime = regime_of(record.regime);
  entry.axes = point.axes;
  if (name_says_what(point.op) || stays_beside_curves(point)) entry.name = point.name;
  const auto optional = optional_axes_of(point.op);
  for (const auto& [key, value] : point.settings) {
    if (std::find(optional.begin(), optional.end(), key) != optional.end()) {
      entry.axes[key] = value;
    } else {
      entry.name += fmt::format("{}{}={}", entry.name.empty() ? "" : " ", key, value);
    }
  }
  entry.gpu = header.device.name;
  entry.kernel = kernel_of(record, header);
  return entry;
}

/// Per sample the slowest rank.
std::vector<double> slowest(const std::vector<const LogRecord*>& ranks, const MeasureLog& first) {
  std::vector<double> samples = ranks.front()->samples_us;
  for (const LogRecord* record : ranks) {
    if (record->samples_us.size() != samples.size())
      throw CalibrationError(first.path, "",
                             fmt::format("{}: ranks took {} and {} samples", record->id, samples.size(),
                                         record->samples_us.size()),
                             "give the logs of one run");
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = std::max(samples[i], record->samples_us[i]);
  }
  if (ranks.front()->regime == TimingRegime::sustained)  // the end of the run is what counts
    samples.erase(samples.begin(), samples.end() - static_cast<std::ptrdiff_t>((samples.size() + 3) / 4));
  return samples;
}

void set_times(TimedPoint& point, std::span<const double> samples) {
  const SampleSummary summary = summary_of(samples);
  point.time_us = summary.median;
  point.entry.p10 = summary.p10 / summary.median;
  point.entry.p90 = summary.p90 / summary.median;
  point.entry.num_samples = static_cast<int>(summary.num_samples);
}

void check_one_run(std::span<const MeasureLog> logs) {
  if (logs.empty()) throw CalibrationError("", "", "no log", "give the logs of one run");
  const LogHeader& first = logs.front().header;
  std::vector<bool> seen(static_cast<std::size_t>(first.num_ranks), false);
  for (const MeasureLog& log : logs) {
    const LogHeader& header = log.header;
    if (header.seed != first.seed || header.num_ranks != first.num_ranks ||
        header.device.name != first.device.name || header.moesim_version != first.moesim_version)
      throw CalibrationError(log.path + ":1", "", "not of the run of " + logs.front().path,
                             "give the logs of one run, which share seed, ranks, GPU and version");
    const auto rank = static_cast<std::size_t>(header.rank);
    if (rank >= seen.size() || seen[rank])
      throw CalibrationError(log.path + ":1", "/rank",
                             fmt::format("rank {} is given twice or too large", rank),
                             "give one log for each rank");
    seen[rank] = true;
  }
}

/// Measured records by id and regime, one of each rank; the last of a log counts.
std::map<std::pair<std::string, TimingRegime>, std::vector<const LogRecord*>> measured_records(
    std::span<const MeasureLog> logs) {
  std::map<std::pair<std::string, TimingRegime>, std::vector<const LogRecord*>> all;
  for (const MeasureLog& log : logs) {
    std::map<std::pair<std::string, TimingRegime>, const LogRecord*> own;
    for (const LogRecord& record : log.records)
      if (record.record == "case") own[{record.id, record.regime}] = &record;
    for (const auto& [key, record] : own)
      if (record->status == RecordStatus::measured) all[key].push_back(record);
  }
  return all;
}

std::map<PointKey, TimedPoint> fastest_points(std::span<const MeasureLog> logs) {
  std::map<PointKey, TimedPoint> points;
  for (const auto& [key, ranks] : measured_records(logs)) {
    if (ranks.size() != logs.size()) continue;  // some rank has not measured it
    if (is_software_floor(ranks.front()->point)) continue;
    TimedPoint point{entry_of(*ranks.front(), logs.front().header)};
    set_times(point, slowest(ranks, logs.front()));
    const Entry& e = point.entry;
    const auto [place, is_new] =
        points.try_emplace(PointKey{e.op, e.format, e.role, e.regime, e.name, e.axes}, point);
    if (!is_new && point.time_us < place->second.time_us) place->second = point;
  }
  return points;
}

std::vector<std::string> axes_in_order(const Entry& entry) {
  std::vector<std::string> axes = axes_of(entry.op);
  for (const std::string& axis : optional_axes_of(entry.op))
    if (entry.axes.contains(axis)) axes.push_back(axis);
  return axes;
}

double rounded(double value) {
  return std::stod(fmt::format("{:.6g}", value));
}

EntryTable table_of(const TableKey& key, const std::vector<TimedPoint>& points, const LogHeader& header) {
  EntryTable table;
  table.op = key.op;
  table.name = key.name;
  table.format = key.format;
  table.role = key.role;
  table.regime = key.regime;
  table.gpu = header.device.name;
  table.kernel = key.kernel;
  table.provenance = Provenance::measured;
  table.source = kSourceId;
  table.date = header.date;
  table.columns = key.axes;
  for (const char* column : {"time_us", "p10", "p90", "num_samples"}) table.columns.emplace_back(column);
  for (const TimedPoint& point : points) {
    std::vector<double> row;
    for (const std::string& axis : key.axes) row.push_back(point.entry.axis(axis));
    row.insert(row.end(), {rounded(point.time_us), rounded(point.entry.p10), rounded(point.entry.p90),
                           static_cast<double>(point.entry.num_samples)});
    table.rows.push_back(std::move(row));
  }
  std::sort(table.rows.begin(), table.rows.end());
  return table;
}

/// What cold times hold beside the kernel, which is not subtracted.
std::string overhead_text(const LogHeader& header) {
  if (header.empty_kernel_us <= 0) return "";
  return fmt::format("; isolated times hold {:.2g} us of launch and events",
                     std::max(0.0, header.empty_kernel_us - header.empty_in_graph_us));
}

Source source_of(const LogHeader& header) {
  Source source;
  source.id = kSourceId;
  source.title = fmt::format(
      "moesim-calibrate {} on {}, driver {}, CUDA {}.{}, {} GPU{}, seed {}{}", header.moesim_version,
      header.device.name, header.driver.empty() ? "not known" : header.driver,
      header.cuda_runtime_version / 1000, header.cuda_runtime_version % 1000 / 10, header.num_ranks,
      header.num_ranks == 1 ? "" : "s", header.seed, overhead_text(header));
  source.url = "docs/measuring.md";
  source.date = header.date;
  return source;
}

}  // namespace

ProfileFile measured_profile(std::span<const MeasureLog> logs, const std::string& name) {
  check_one_run(logs);
  const LogHeader& header = logs.front().header;
  const auto facts = shipped_facts(header.device);
  if (!facts)
    throw CalibrationError(logs.front().path + ":1", "/device/name",
                           fmt::format("no shipped profile knows the GPU {}", header.device.name),
                           "add a profile with its datasheet under calib/profiles first");
  std::map<TableKey, std::vector<TimedPoint>> tables;
  for (const auto& [key, point] : fastest_points(logs)) {
    const Entry& e = point.entry;
    tables[{e.op, e.format, e.role, e.regime, e.name, axes_in_order(e), e.kernel}].push_back(point);
  }
  if (tables.empty())
    throw CalibrationError(logs.front().path, "", "no case was measured", "run moesim-calibrate run first");
  ProfileFile profile;
  profile.schema_version = kProfileSchemaVersion;
  profile.name = name;
  profile.description = fmt::format("{} as moesim's own kernels measured it.", header.device.name);
  profile.gpu = *facts;
  profile.sources.push_back(source_of(header));
  for (const auto& [key, points] : tables) profile.tables.push_back(table_of(key, points, header));
  return profile;
}

}  // namespace moesim
