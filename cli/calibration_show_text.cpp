#include "cli/calibration_show_text.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include <fmt/format.h>

#include "calib/profile/calibrated_operator.hpp"
#include "cli/calibration_errors.hpp"
#include "cli/calibration_picture.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

constexpr std::size_t kPointsShown = 60;

std::string percent(double fraction) {
  return fmt::format("{:.1f} %", fraction * 100);
}

/// "exact 98 %, rule 2 %", the largest first; a share that rounds to 0 reads "< 1 %".
std::string shares(const std::map<std::string, std::size_t>& counts, std::size_t sum) {
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& [name, count] : counts) order.emplace_back(sum - count, name);
  std::sort(order.begin(), order.end());
  std::vector<std::string> parts;
  for (const auto& [rest, name] : order) {
    const double share = 100.0 * static_cast<double>(sum - rest) / static_cast<double>(sum);
    parts.push_back(order.size() == 1 ? name
                    : share < 0.5     ? name + " < 1 %"
                                      : fmt::format("{} {:.0f} %", name, share));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

const HeldOutError* error_of(const CalibrationProfile& profile, std::string_view name) {
  for (const HeldOutError& error : profile.file().held_out)
    if (!name.empty() && error.name == name && error.kind == "all") return &error;
  return nullptr;
}

std::string heading(const CalibrationProfile& profile) {
  const GpuFacts& gpu = profile.gpu();
  return fmt::format("{}: {}, {} BF16, {} FP8, {} HBM, {} NVLink\n\n", profile.name(), gpu.name,
                     to_text(gpu.peak_bf16), to_text(gpu.peak_fp8), to_text(gpu.hbm_bandwidth),
                     to_text(gpu.nvlink_bandwidth));
}

std::string axes_text(const OperatorOverview& row) {
  std::vector<std::string> parts;
  for (const AxisRange& axis : row.axes) {
    parts.push_back(axis.num_values == 1
                        ? fmt::format("{} {}", axis.name, axis.low)
                        : fmt::format("{} {} to {} ({})", axis.name, axis.low, axis.high, axis.num_values));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string sources_text(const CalibrationProfile& profile, std::span<const OperatorOverview> rows) {
  TextTable table{{{"source"}, {"points", Align::right}, {"title"}}, {}};
  for (const Source& source : profile.sources()) {
    std::size_t points = 0;
    for (const OperatorOverview& row : rows) {
      const auto at = row.sources.find(source.id);
      points += at == row.sources.end() ? 0 : at->second;
    }
    table.rows.push_back({source.id, points == 0 ? "-" : fmt::format("{}", points), source.title});
  }
  return plain_text(table);
}

double error_at(const CurvePointRow& row) {
  return row.without->seconds / row.seconds - 1;
}

/// Median and 90th percentile of the absolute errors of points that were left out.
std::string left_out_text(std::span<const CurvePointRow> rows) {
  std::vector<double> errors;
  for (const CurvePointRow& row : rows)
    if (row.without) errors.push_back(std::abs(error_at(row)));
  if (rows.size() > kMostLeftOut)
    return fmt::format("errors at points left out: for at most {} points; choose fewer with --where\n",
                       kMostLeftOut);
  if (errors.empty()) return "";
  std::sort(errors.begin(), errors.end());
  const auto at = [&](double share) {  // nearest rank
    return errors[static_cast<std::size_t>(std::ceil(share * static_cast<double>(errors.size()))) - 1];
  };
  return fmt::format("error where each point is left out: {} median, {} p90 of {}\n", percent(at(0.5)),
                     percent(at(0.9)), errors.size());
}

std::vector<std::string> shape_columns(std::span<const CurvePointRow> rows) {
  std::vector<std::string> out;
  for (const CurvePointRow& row : rows)
    for (const std::string& axis : all_axes_of(row.entry.op))
      if (row.entry.axes.contains(axis) && std::find(out.begin(), out.end(), axis) == out.end())
        out.push_back(axis);
  return out;
}

std::vector<std::string> point_cells(const CurvePointRow& row, const std::vector<std::string>& axes) {
  std::vector<std::string> cells{overview_name(row.entry) +
                                 (row.entry.name.empty() ? "" : " " + row.entry.name)};
  for (const std::string& axis : axes)
    cells.push_back(row.entry.axes.contains(axis) ? fmt::format("{}", row.entry.axis(axis)) : "");
  const auto us = [](double seconds) { return fmt::format("{:.5g}", seconds * 1e6); };
  cells.push_back(row.seconds > 0 ? us(row.seconds) : to_text(*row.entry.bandwidth));
  cells.push_back(row.curve ? us(row.curve->seconds) : "-");
  cells.push_back(row.curve ? std::string(enum_name(row.curve->grade)) : "-");
  cells.push_back(row.without ? us(row.without->seconds) : "-");
  cells.push_back(row.without ? fmt::format("{:+.1f} %", error_at(row) * 100) : "-");
  cells.push_back(row.rate.unit.empty() ? "-" : fmt::format("{:.0f} {}", row.rate.rate, row.rate.unit));
  cells.push_back(row.rate.unit.empty() ? "-" : fmt::format("{:.0f} %", row.rate.share * 100));
  cells.push_back(std::string(enum_name(row.provenance)));
  cells.push_back(row.entry.source);
  return cells;
}

}  // namespace

std::string overview_text(const CalibrationProfile& profile, std::span<const OperatorOverview> rows) {
  TextTable table{{{"operator"},
                   {"points", Align::right},
                   {"provenance"},
                   {"answered"},
                   {"held out", Align::right},
                   {"median error", Align::right},
                   {"p90 error", Align::right}},
                  {}};
  TextTable axes{{{"operator"}, {"axes: from, to (values)"}}, {}};
  for (const OperatorOverview& row : rows) {
    const HeldOutError* error = error_of(profile, row.calibrated);
    table.rows.push_back({row.name, fmt::format("{}", row.points), shares(row.provenance, row.points),
                          shares(row.grades, row.points),
                          error == nullptr ? "-" : fmt::format("{}", error->held_out_points),
                          error == nullptr ? "-" : percent(error->median_error),
                          error == nullptr ? "-" : percent(error->p90_error)});
    if (!row.axes.empty()) axes.rows.push_back({row.name, axes_text(row)});
  }
  return heading(profile) + plain_text(table) + "\n" + plain_text(axes) + "\n" + sources_text(profile, rows);
}

Json overview_json(const CalibrationProfile& profile, std::span<const OperatorOverview> rows) {
  Json operators = Json::array();
  for (const OperatorOverview& row : rows) {
    Json axes = Json::object();
    for (const AxisRange& axis : row.axes)
      axes[axis.name] = {{"low", axis.low}, {"high", axis.high}, {"values", axis.num_values}};
    operators.push_back({{"name", row.name},
                         {"error_name", row.calibrated},
                         {"points", row.points},
                         {"axes", std::move(axes)},
                         {"provenance", row.provenance},
                         {"grades", row.grades},
                         {"sources", row.sources}});
  }
  return {{"profile", profile.name()},
          {"gpu", write_spec(profile.gpu())},
          {"operators", std::move(operators)},
          {"held_out", errors_json(profile.file().held_out)}};
}

std::string points_text(const CalibrationProfile& profile, std::span<const CurvePointRow> rows) {
  const auto axes = shape_columns(rows);
  TextTable table{{{"operator"}}, {}};
  for (const std::string& axis : axes) table.columns.push_back({axis, Align::right});
  for (const char* title : {"timed us", "curve us"}) table.columns.push_back({title, Align::right});
  table.columns.push_back({"grade"});
  for (const char* title : {"without it us", "error", "rate", "of peak"})
    table.columns.push_back({title, Align::right});
  for (const char* title : {"provenance", "source"}) table.columns.push_back({title});
  for (std::size_t i = 0; i < rows.size() && i < kPointsShown; ++i)
    table.rows.push_back(point_cells(rows[i], axes));
  std::string text = heading(profile) + plain_text(table);
  if (rows.size() > kPointsShown)
    text += fmt::format("and {} more points; choose with --where, or --json lists all\n",
                        rows.size() - kPointsShown);
  text += "\n" + left_out_text(rows);
  std::set<std::string> names;
  for (const CurvePointRow& row : rows) names.insert(std::string(calibrated_operator(row.entry)));
  for (const std::string& name : names) {
    const std::string errors = held_out_text(profile, name);
    if (!errors.empty()) text += fmt::format("{} {}\n", name, errors);
  }
  return text;
}

Json points_json(const CalibrationProfile& profile, const std::string& op,
                 std::span<const CurvePointRow> rows) {
  Json points = Json::array();
  for (const CurvePointRow& row : rows) {
    Json point = {{"name", overview_name(row.entry)}, {"axes", row.entry.axes}};
    if (row.seconds > 0) point["time_s"] = row.seconds;
    if (row.entry.bandwidth) point["bandwidth_B_per_s"] = row.entry.bandwidth->value();
    if (row.curve) {
      point["curve_s"] = row.curve->seconds;
      point["grade"] = enum_name(row.curve->grade);
    }
    if (row.without) {
      point["without_s"] = row.without->seconds;
      point["without_error_fraction"] = error_at(row);
    }
    if (!row.rate.unit.empty()) {
      point["rate"] = row.rate.rate;
      point["rate_unit"] = row.rate.unit;
      point["peak_fraction"] = row.rate.share;
    }
    point["p10"] = row.entry.p10;
    point["p90"] = row.entry.p90;
    point["provenance"] = enum_name(row.provenance);
    point["source"] = row.entry.source;
    point["kernel"] = row.entry.kernel;
    points.push_back(std::move(point));
  }
  return {{"profile", profile.name()}, {"operator", op}, {"points", std::move(points)}};
}

}  // namespace moesim::cli
