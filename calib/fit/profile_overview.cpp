#include "calib/fit/profile_overview.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/predict.hpp"
#include "calib/profile/timed_entries.hpp"

namespace moesim {

namespace {

using OverviewKey = std::tuple<TimedOperator, NumberFormat, GemmRole, Regime>;

std::string grade_of(const CalibrationProfile& profile, const Entry& entry) {
  try {
    const auto estimate = predict(profile, entry);
    return estimate ? std::string(enum_name(estimate->grade)) : "-";
  } catch (const CalibrationError&) {
    return "-";
  }
}

std::vector<AxisRange> ranges_of(TimedOperator op, const std::map<std::string, std::set<double>>& values) {
  std::vector<AxisRange> out;
  for (const std::string& axis : all_axes_of(op)) {
    const auto at = values.find(axis);
    if (at != values.end())
      out.push_back({axis, *at->second.begin(), *at->second.rbegin(), at->second.size()});
  }
  return out;
}

}  // namespace

Provenance provenance_of(const Entry& entry, const GpuFacts& gpu) {
  const bool foreign = gpu.name.find(entry.gpu) == std::string::npos;
  return foreign ? std::max(entry.provenance, Provenance::derived) : entry.provenance;
}

std::vector<std::string> all_axes_of(TimedOperator op) {
  auto axes = axes_of(op);
  const auto optional = optional_axes_of(op);
  axes.insert(axes.end(), optional.begin(), optional.end());
  return axes;
}

std::string overview_name(const Entry& entry) {
  std::string name = fmt::format("{} {}", enum_name(entry.op), enum_name(entry.format));
  if (entry.role != GemmRole::forward) name += fmt::format(" {}", enum_name(entry.role));
  if (entry.regime != Regime::isolated) name += fmt::format(" {}", enum_name(entry.regime));
  return name;
}

std::vector<OperatorOverview> overview_of(const CalibrationProfile& profile) {
  struct Row {
    OperatorOverview overview;
    TimedOperator op = TimedOperator::gemm;
    std::map<std::string, std::set<double>> values;
  };
  std::map<OverviewKey, Row> rows;
  for (const Entry& entry : timed_entries(profile)) {
    Row& row = rows[{entry.op, entry.format, entry.role, entry.regime}];
    row.op = entry.op;
    row.overview.name = overview_name(entry);
    row.overview.calibrated = calibrated_operator(entry);
    ++row.overview.points;
    ++row.overview.provenance[std::string(enum_name(provenance_of(entry, profile.gpu())))];
    ++row.overview.sources[entry.source];
    ++row.overview.grades[grade_of(profile, entry)];
    for (const auto& [axis, value] : entry.axes) row.values[axis].insert(value);
  }
  std::vector<OperatorOverview> out;
  for (auto& [key, row] : rows) {
    row.overview.axes = ranges_of(row.op, row.values);
    out.push_back(std::move(row.overview));
  }
  return out;
}

}  // namespace moesim
