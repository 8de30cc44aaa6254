#include "cli/calibration_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/fit/fit_rule.hpp"
#include "calib/fit/profile_overview.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/predict.hpp"
#include "reports/pictures/series_picture.hpp"

namespace moesim::cli {
namespace {

using pictures::PlotSeries;
using pictures::SeriesPanel;

constexpr int kWidth = 1600;
constexpr int kHeight = 1100;
constexpr int kSamples = 240;
constexpr double kMicrosecond = 1e-6;

struct AxisTitle {
  std::string_view axis;
  std::string_view title;
};
constexpr auto kAxisTitles = std::to_array<AxisTitle>({{"m", "rows m"},
                                                       {"k", "depth k"},
                                                       {"n", "columns n"},
                                                       {"length", "length (tokens)"},
                                                       {"bytes", "buffer of a GPU (B)"},
                                                       {"tokens", "tokens of a rank"},
                                                       {"rows", "rows of all experts"},
                                                       {"batch", "batch (sequences)"},
                                                       {"ep", "ranks"},
                                                       {"num_gpus", "GPUs"}});

std::string axis_title(const std::string& axis) {
  const auto* row = std::find_if(kAxisTitles.begin(), kAxisTitles.end(),
                                 [&](const AxisTitle& title) { return title.axis == axis; });
  return row == kAxisTitles.end() ? axis : std::string(row->title);
}

/// The axis of the fit rule where the points differ in it, else that with the most values.
std::string along_axis(std::span<const CurvePointRow> rows) {
  std::map<std::string, std::set<double>> values;
  for (const CurvePointRow& row : rows)
    for (const auto& [axis, value] : row.entry.axes) values[axis].insert(value);
  const FitRule* rule = fit_rule(rows.front().entry.op);
  std::string best;
  for (const auto& [axis, distinct] : values) {
    if (rule != nullptr && axis == rule->along && distinct.size() > 1) return axis;
    if (best.empty() || distinct.size() > values[best].size()) best = axis;
  }
  return best;
}

/// Points that differ along one axis alone.
struct Curve {
  std::vector<const CurvePointRow*> rows;
};
using CurveKey = std::tuple<TimedOperator, NumberFormat, GemmRole, std::string, std::vector<double>>;

std::vector<Curve> curves_along(std::span<const CurvePointRow> rows, const std::string& along) {
  std::map<CurveKey, Curve> curves;
  for (const CurvePointRow& row : rows) {
    const Entry& e = row.entry;
    if (row.seconds <= 0 || e.regime != Regime::isolated || !e.axes.contains(along)) continue;
    std::vector<double> rest;
    for (const std::string& axis : all_axes_of(e.op)) {
      const auto at = e.axes.find(axis);
      if (axis != along) rest.push_back(at == e.axes.end() ? 0 : at->second);
    }
    curves[{e.op, e.format, e.role, e.name, std::move(rest)}].rows.push_back(&row);
  }
  std::vector<Curve> out;
  for (auto& [key, curve] : curves) out.push_back(std::move(curve));
  return out;
}

/// Some of the curves with at least half of the most points, evenly spread.
std::vector<Curve> spread(const std::vector<Curve>& curves) {
  std::size_t most = 0;
  for (const Curve& curve : curves) most = std::max(most, curve.rows.size());
  std::vector<Curve> rich;
  for (const Curve& curve : curves)
    if (2 * curve.rows.size() >= most) rich.push_back(curve);
  if (rich.size() <= pictures::kMostSeries) return rich;
  std::vector<Curve> out;
  for (std::size_t i = 0; i < pictures::kMostSeries; ++i)
    out.push_back(rich[i * (rich.size() - 1) / (pictures::kMostSeries - 1)]);
  return out;
}

/// What differs between the curves, as "n=2112 k=7168"; everything where there is one.
std::string label_of(const Entry& entry, const std::vector<Curve>& curves, const std::string& along) {
  const auto differs = [&](const auto& value_of) {
    return curves.size() == 1 || std::any_of(curves.begin(), curves.end(), [&](const Curve& curve) {
             return value_of(curve.rows.front()->entry) != value_of(entry);
           });
  };
  std::vector<std::string> parts;
  if (differs([](const Entry& e) { return e.op; })) parts.emplace_back(enum_name(entry.op));
  if (differs([](const Entry& e) { return e.format; })) parts.emplace_back(enum_name(entry.format));
  if (differs([](const Entry& e) { return e.role; })) parts.emplace_back(enum_name(entry.role));
  if (!entry.name.empty()) parts.push_back(entry.name);
  for (const std::string& axis : all_axes_of(entry.op)) {
    const auto value_of = [&](const Entry& e) {
      const auto at = e.axes.find(axis);
      return at == e.axes.end() ? 0.0 : at->second;
    };
    if (axis != along && entry.axes.contains(axis) && differs(value_of))
      parts.push_back(fmt::format("{}={}", axis, value_of(entry)));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

/// A curve with its points in both panels.
class CurveDrawing {
 public:
  CurveDrawing(const CalibrationProfile& profile, std::string along, double low, double high)
      : profile_(profile), along_(std::move(along)), low_(low), high_(high) {}

  void add(const Curve& curve, std::string label, SeriesPanel& times, SeriesPanel& shares) const {
    PlotSeries time{label, {}, {}}, share{std::move(label), {}, {}};
    for (const CurvePointRow* row : curve.rows) add(row->entry, row->seconds, time.dots, share.dots);
    Entry sample = curve.rows.front()->entry;
    double last = 0;
    for (int i = 0; i <= kSamples; ++i) {
      const double x = std::round(low_ * std::pow(high_ / low_, static_cast<double>(i) / kSamples));
      if (x <= last) continue;
      last = x;
      sample.axes[along_] = x;
      if (const auto seconds = answer(sample)) add(sample, *seconds, time.line, share.line);
    }
    times.series.push_back(std::move(time));
    shares.series.push_back(std::move(share));
  }

 private:
  void add(const Entry& entry, double seconds, std::vector<pictures::Point>& times,
           std::vector<pictures::Point>& shares) const {
    const double x = entry.axis(along_);
    times.push_back({x, seconds / kMicrosecond});
    const RateShare rate = rate_share(entry, seconds, profile_.gpu());
    if (rate.share > 0) shares.push_back({x, 100 * rate.share});
  }
  [[nodiscard]] std::optional<double> answer(const Entry& entry) const {
    try {
      const auto estimate = predict(profile_, entry);
      return estimate ? std::optional(estimate->seconds) : std::nullopt;
    } catch (const CalibrationError&) {
      return std::nullopt;
    }
  }

  const CalibrationProfile& profile_;
  std::string along_;
  double low_;
  double high_;
};

std::pair<double, double> range_along(const std::vector<Curve>& curves, const std::string& along) {
  double low = curves.front().rows.front()->entry.axis(along), high = low;
  for (const Curve& curve : curves) {
    for (const CurvePointRow* row : curve.rows) {
      low = std::min(low, row->entry.axis(along));
      high = std::max(high, row->entry.axis(along));
    }
  }
  return {low, high};
}

}  // namespace

std::string held_out_text(const CalibrationProfile& profile, std::string_view calibrated) {
  std::string text;
  for (const HeldOutError& error : profile.file().held_out) {
    if (error.name != calibrated) continue;
    text += fmt::format("{}{} {:.1f} % median, {:.1f} % p90 of {}", text.empty() ? "held out: " : "; ",
                        error.kind, error.median_error * 100, error.p90_error * 100, error.held_out_points);
  }
  return text;
}

std::string curve_picture(const CalibrationProfile& profile, std::span<const CurvePointRow> rows,
                          const std::string& title, pictures::PictureFormat format) {
  const std::string along = rows.empty() ? "" : along_axis(rows);
  const std::vector<Curve> all = curves_along(rows, along);
  if (all.empty()) throw RunError(fmt::format("{}: no point has a time and an axis to draw along", title));
  const std::vector<Curve> shown = spread(all);
  const auto [low, high] = range_along(shown, along);
  SeriesPanel times{"time of a call", "time (us)", true, 0, {}};
  SeriesPanel shares{"share of the datasheet's peak: FLOP/s, HBM or NVLink, whichever is closest",
                     "share (%)",
                     false,
                     100,
                     {}};
  const CurveDrawing drawing(profile, along, low, high);
  for (const Curve& curve : shown)
    drawing.add(curve, label_of(curve.rows.front()->entry, shown, along), times, shares);
  pictures::SeriesPicture picture;
  picture.title = fmt::format("{}, {}", title, profile.gpu().name);
  picture.caption.push_back(
      fmt::format("profile {}; dots: timed points, lines: what its curves say; {} of {} curves",
                  profile.name(), shown.size(), all.size()));
  const std::string errors = held_out_text(profile, calibrated_operator(rows.front().entry));
  picture.caption.push_back(errors.empty() ? "no held-out error is stored in the profile" : errors);
  picture.x_title = axis_title(along);
  const bool has_shares = std::any_of(shares.series.begin(), shares.series.end(),
                                      [](const PlotSeries& series) { return !series.dots.empty(); });
  picture.panels.push_back(std::move(times));
  if (has_shares) picture.panels.push_back(std::move(shares));
  return pictures::series_picture(picture, format, kWidth, kHeight, pictures::kThemes[0]);
}

}  // namespace moesim::cli
