#include "reports/pages/xy_plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/math.hpp"
#include "reports/pictures/ticks.hpp"
#include "reports/svg.hpp"

namespace moesim {
namespace {

using svg::Anchor;

constexpr double kTop = 30;
constexpr double kBelow = 46;
constexpr double kRight = 26;
constexpr int kMostTicks = 8;

/// An axis with its ends and ticks.
struct Side {
  const XyAxis* axis = nullptr;
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  std::vector<double> ticks{};

  [[nodiscard]] bool takes(double value) const {
    return std::isfinite(value) && (!axis->logarithmic || value > 0);
  }
  /// 0 to 1.
  [[nodiscard]] double position(double value) const {
    if (axis->logarithmic) return log_det(value / low) / log_det(high / low);
    return (value - low) / (high - low);
  }
};

/// Widens the ends a little and places ticks.
void finish(Side& side) {
  if (side.axis->logarithmic) {
    const double margin = std::max(1.1, exp_det(0.06 * log_det(side.high / side.low)));
    side.low /= margin;
    side.high *= margin;
    for (const auto& tick : pictures::log_ticks(side.low, side.high, kMostTicks))
      side.ticks.push_back(tick.at);
    return;
  }
  double span = side.high - side.low;
  if (!side.axis->tight && side.low >= 0) side.low = 0;
  if (span <= 0) span = std::max(std::abs(side.high), 1e-9);
  side.high += 0.05 * (side.axis->tight ? span : side.high - side.low);
  if (side.axis->tight) side.low -= 0.05 * span;
  if (side.high <= side.low) side.high = side.low + 1;
  for (const auto& tick : pictures::linear_ticks(side.low, side.high, kMostTicks))
    side.ticks.push_back(tick.at);
}

Side side_of(const XyPlot& plot, const XyAxis& axis, const XyAxis& other, double XyPoint::*value,
             double XyPoint::*other_value) {
  Side side{&axis};
  const Side across{&other};
  for (const XySeries& series : plot.series) {
    for (const XyPoint& point : series.points) {
      if (!side.takes(point.*value) || !across.takes(point.*other_value)) continue;
      side.low = std::min(side.low, point.*value);
      side.high = std::max(side.high, point.*value);
    }
  }
  if (side.low <= side.high) finish(side);
  return side;
}

/// Where a plot lies in its picture.
struct Frame {
  double left = 0;
  double bottom = 0;
  const Side* x = nullptr;
  const Side* y = nullptr;

  [[nodiscard]] XyPoint place(const XyPoint& point) const {
    return {left + x->position(point.x) * (svg::kWidth - kRight - left),
            bottom - y->position(point.y) * (bottom - kTop)};
  }
  [[nodiscard]] bool takes(const XyPoint& point) const { return x->takes(point.x) && y->takes(point.y); }
};

std::string axes(const Frame& frame) {
  std::string body;
  const double right = svg::kWidth - kRight;
  for (const double tick : frame.y->ticks) {
    const double y = frame.place({frame.x->low, tick}).y;
    body += svg::line(frame.left, y, right, y, "grid");
    body += svg::text(frame.left - 8, y + 4, Anchor::end, "tick", metric_text(tick, frame.y->axis->unit));
  }
  double free_from = 0;
  for (const double tick : frame.x->ticks) {
    const double x = frame.place({tick, frame.y->low}).x;
    const std::string label = metric_text(tick, frame.x->axis->unit);
    const double half = svg::text_width(label, 12) / 2;
    body += svg::line(x, frame.bottom, x, frame.bottom + 5, "axis");
    if (x - half < free_from) continue;
    body += svg::text(x, frame.bottom + 19, Anchor::middle, "tick", label);
    free_from = x + half + 8;
  }
  body += svg::line(frame.left, frame.bottom, right, frame.bottom, "axis");
  body += svg::text(0, 14, Anchor::start, "title", frame.y->axis->title);
  return body + svg::text(right, frame.bottom + 38, Anchor::end, "title", frame.x->axis->title);
}

std::string line_of(const XySeries& series, const Frame& frame, std::size_t colour) {
  std::string path;
  for (const XyPoint& point : series.points) {
    if (!frame.takes(point)) continue;
    const XyPoint at = frame.place(point);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', at.x, at.y);
  }
  return path.empty() ? "" : svg::stroke(path, "stroke:" + svg::colour(colour) + ";stroke-width:1.8");
}

std::string dots_of(const XySeries& series, const Frame& frame, std::size_t colour) {
  std::string path;
  std::string titled;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    if (!frame.takes(series.points[i])) continue;
    const XyPoint at = frame.place(series.points[i]);
    path += fmt::format("M{:.1f} {:.1f}h0", at.x, at.y);
    if (i < series.titles.size() && !series.titles[i].empty()) {
      titled += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"7\" fill-opacity=\"0\">{}</circle>\n",
                            at.x, at.y, svg::title(series.titles[i]));
    }
  }
  if (path.empty()) return "";
  const std::string style = fmt::format("stroke:{};stroke-width:{};stroke-linecap:round;stroke-opacity:{}",
                                        svg::colour(colour), series.is_big ? 9 : 5, series.is_big ? 1 : 0.55);
  return svg::stroke(path, style) + titled;
}

std::string rings_of(const XySeries& series, const Frame& frame, std::size_t colour) {
  std::string body;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    if (!frame.takes(series.points[i])) continue;
    const XyPoint at = frame.place(series.points[i]);
    body += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"7\" fill-opacity=\"0\" "
        "style=\"stroke:{};stroke-width:1.8\">{}</circle>\n",
        at.x, at.y, svg::colour(colour), svg::title(i < series.titles.size() ? series.titles[i] : ""));
  }
  return body;
}

std::string marks_of(const XySeries& series, const Frame& frame, std::size_t colour) {
  if (series.is_line) return line_of(series, frame, colour);
  return series.is_ring ? rings_of(series, frame, colour) : dots_of(series, frame, colour);
}

double left_of(const Side& y) {
  double widest = 0;
  for (const double tick : y.ticks)
    widest = std::max(widest, svg::text_width(metric_text(tick, y.axis->unit), 12));
  return widest + 14;
}

}  // namespace

std::vector<XyPoint> thinned(const std::vector<XyPoint>& points) {
  constexpr std::size_t kColumns = 600;
  if (points.size() <= 4 * kColumns) return points;
  std::vector<XyPoint> kept;
  for (std::size_t column = 0; column < kColumns; ++column) {
    const std::size_t first = column * points.size() / kColumns;
    const std::size_t end = (column + 1) * points.size() / kColumns;
    const auto [least, most] =
        std::minmax_element(points.begin() + static_cast<std::ptrdiff_t>(first),
                            points.begin() + static_cast<std::ptrdiff_t>(end),
                            [](const XyPoint& one, const XyPoint& other) { return one.y < other.y; });
    kept.push_back(points[first]);
    kept.push_back(std::min(least, most)[0]);
    kept.push_back(std::max(least, most)[0]);
    kept.push_back(points[end - 1]);
  }
  return kept;
}

std::string xy_plot(const XyPlot& plot) {
  const Side x = side_of(plot, plot.x, plot.y, &XyPoint::x, &XyPoint::y);
  const Side y = side_of(plot, plot.y, plot.x, &XyPoint::y, &XyPoint::x);
  if (x.low > x.high || y.low > y.high) return "";
  const Frame frame{left_of(y), plot.height - kBelow, &x, &y};
  std::string body = axes(frame);
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const XySeries& series = plot.series[i];
    body += marks_of(series, frame, i);
    labels.push_back(series.label);
  }
  return svg::picture(plot.height, plot.y.title + " against " + plot.x.title, body) +
         (labels.size() > 1 ? svg::legend(labels) : "");
}

}  // namespace moesim
