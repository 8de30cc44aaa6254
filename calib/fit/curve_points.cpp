#include "calib/fit/curve_points.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/fit/profile_overview.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/claimed_work.hpp"
#include "calib/profile/entry_grid.hpp"
#include "calib/profile/predict.hpp"
#include "calib/profile/timed_entries.hpp"

namespace moesim {

namespace {

std::optional<TimeEstimate> answer(const CalibrationProfile& profile, const Entry& entry) {
  try {
    return predict(profile, entry);
  } catch (const CalibrationError&) {
    return std::nullopt;
  }
}

bool is_gemm(TimedOperator op) {
  return op == TimedOperator::gemm || op == TimedOperator::grouped_gemm ||
         op == TimedOperator::grouped_gemm_masked;
}

/// What the answer at one point may rest on: its operator, and dense GEMMs for grouped ones.
bool answers_for(const Entry& entry, const Entry& other) {
  if (is_gemm(entry.op) && is_gemm(other.op)) return entry.format == other.format;
  return entry.op == other.op || other.op == TimedOperator::link;
}

/// The profile's answer where it does not hold the point.
std::optional<TimeEstimate> answer_without(const CalibrationProfile& profile, const Entry& entry) {
  ProfileFile file = profile.file();
  file.entries.clear();
  std::erase_if(file.tables, [&](const EntryTable& table) {
    return !is_gemm_grid(table) || profile.excluded().contains(table.source) || !is_gemm(entry.op) ||
           table.format != entry.format;
  });
  for (EntryTable& grid : file.tables) {
    if (grid.op == entry.op && grid.role == entry.role) remove_point(entry, grid);
  }
  for (const Entry& other : profile.entries()) {
    const bool same = other.op == entry.op && other.axes == entry.axes && other.format == entry.format &&
                      other.role == entry.role && other.name == entry.name && other.regime == entry.regime;
    if (!same && answers_for(entry, other)) file.entries.push_back(other);
  }
  try {
    return answer(CalibrationProfile(std::move(file), {}, profile.path()), entry);
  } catch (const CalibrationError&) {
    return std::nullopt;
  }
}

/// Formats and the like first, then axes in the order of the operator, the last one slowest for GEMMs: points
/// of one weight stand together.
auto place_of(const CurvePointRow& row) {
  const Entry& e = row.entry;
  std::vector<double> axes;
  for (const std::string& axis : all_axes_of(e.op)) {
    const auto at = e.axes.find(axis);
    axes.push_back(at == e.axes.end() ? 0 : at->second);
  }
  if (e.axes.contains("m") && e.axes.contains("n") && e.axes.contains("k"))
    axes.insert(axes.begin(), {e.axis("n"), e.axis("k")});
  return std::tuple(e.op, e.format, e.role, e.regime, e.name, std::move(axes));
}

bool has_value(const Entry& e, const std::string& key, const std::string& value) {
  if (key == "format") return enum_name(e.format) == value;
  if (key == "role") return enum_name(e.role) == value;
  if (key == "regime") return enum_name(e.regime) == value;
  if (key == "name") return e.name == value;
  if (key == "source") return e.source == value;
  const auto at = e.axes.find(key);
  if (at == e.axes.end()) return false;
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  return end != value.c_str() && *end == '\0' && at->second == number;
}

}  // namespace

bool PointChoice::holds(const Entry& entry) const {
  if (enum_name(entry.op) != op && calibrated_operator(entry) != op) return false;
  return std::all_of(where.begin(), where.end(),
                     [&](const auto& row) { return has_value(entry, row.first, row.second); });
}

RateShare rate_share(const Entry& entry, double seconds, const GpuFacts& gpu) {
  if (seconds <= 0) return {};
  const ClaimedWork work = claimed_work(entry);
  RateShare out;
  const auto take = [&](std::string_view unit, double scale, double rate, double peak) {
    if (rate > 0 && rate / peak > out.share) out = {unit, rate / scale, rate / peak};
  };
  take("TFLOP/s", 1e12, work.flops / seconds, gpu.peak_of(entry.format).value());
  take("GB/s", 1e9, work.hbm_bytes / seconds, gpu.hbm_bandwidth.value());
  take("GB/s NVLink", 1e9, work.link_bytes / seconds, gpu.nvlink_bandwidth.value());
  return out;
}

std::vector<CurvePointRow> points_on_curves(const CalibrationProfile& profile, const PointChoice& choice) {
  std::vector<CurvePointRow> rows;
  for (const Entry& entry : timed_entries(profile)) {
    if (!choice.holds(entry)) continue;
    const double seconds = entry.bandwidth ? 0 : time_of(entry).value();
    rows.push_back({entry, seconds, answer(profile, entry), std::nullopt,
                    rate_share(entry, seconds, profile.gpu()), provenance_of(entry, profile.gpu())});
  }
  if (rows.size() <= kMostLeftOut) {
    for (CurvePointRow& row : rows)
      if (row.curve && row.seconds > 0) row.without = answer_without(profile, row.entry);
  }
  std::vector<std::pair<decltype(place_of(rows.front())), std::size_t>> order;
  for (std::size_t i = 0; i < rows.size(); ++i) order.emplace_back(place_of(rows[i]), i);
  std::sort(order.begin(), order.end());
  std::vector<CurvePointRow> sorted;
  for (const auto& [place, index] : order) sorted.push_back(std::move(rows[index]));
  return sorted;
}

}  // namespace moesim
