#include "reports/pages/interval_plot.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "reports/pictures/ticks.hpp"
#include "reports/svg.hpp"

namespace moesim {
namespace {

using svg::Anchor;

constexpr double kNames = 340;
constexpr double kRight = 40;
constexpr double kRow = 24;
constexpr double kBar = 14;
constexpr int kMostTicks = 8;

/// Ends of the axis.
struct Ends {
  double low = 0;
  double high = 0;

  [[nodiscard]] double place(double value) const {
    return kNames + (value - low) / (high - low) * (svg::kWidth - kNames - kRight);
  }
};

bool is_finite(const Interval& interval) {
  return std::isfinite(interval.low) && std::isfinite(interval.value) && std::isfinite(interval.high);
}

Ends ends_of(const std::vector<Interval>& intervals) {
  Ends ends{intervals.front().value, intervals.front().value};
  for (const Interval& interval : intervals) {
    ends.low = std::min({ends.low, interval.low, interval.high, interval.value});
    ends.high = std::max({ends.high, interval.low, interval.high, interval.value});
  }
  const double margin = std::max(0.04 * (ends.high - ends.low), 1e-6 * std::abs(ends.high));
  ends.low -= margin;
  ends.high += margin;
  return ends;
}

std::string row_of(const Interval& interval, const Ends& ends, double y, MetricUnit unit) {
  const double from = ends.place(std::min(interval.low, interval.high));
  const double to = ends.place(std::max(interval.low, interval.high));
  const std::string title =
      interval.name + ": " + metric_text(interval.low, unit) + " to " + metric_text(interval.high, unit);
  std::string body = svg::text(kNames - 12, y + 12, Anchor::end, "", svg::fitted(interval.name, kNames - 14));
  body += svg::rect(from, y, std::max(to - from, 1.5), kBar, 0, title);
  const double at = ends.place(interval.value);
  return body + svg::line(at, y - 3, at, y + kBar + 3, "mark");
}

}  // namespace

std::string interval_plot(const std::vector<Interval>& intervals, MetricUnit unit) {
  std::vector<Interval> shown;
  std::ranges::copy_if(intervals, std::back_inserter(shown), is_finite);
  if (shown.empty()) return "";
  const Ends ends = ends_of(shown);
  if (!(ends.high > ends.low)) return "";
  const double bottom = 6 + kRow * static_cast<double>(shown.size());
  std::string body;
  double free_from = 0;
  for (const auto& tick : pictures::linear_ticks(ends.low, ends.high, kMostTicks)) {
    const double x = ends.place(tick.at);
    const std::string label = metric_text(tick.at, unit);
    const double half = svg::text_width(label, 12) / 2;
    body += svg::line(x, 2, x, bottom, "grid");
    if (x - half < free_from || x + half > svg::kWidth) continue;
    body += svg::text(x, bottom + 18, Anchor::middle, "tick", label);
    free_from = x + half + 8;
  }
  body += svg::line(kNames, bottom, svg::kWidth - kRight, bottom, "axis");
  double y = 6;
  for (const Interval& interval : shown) {
    body += row_of(interval, ends, y, unit);
    y += kRow;
  }
  return svg::picture(bottom + 26, "intervals", body);
}

}  // namespace moesim
