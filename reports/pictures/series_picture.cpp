#include "reports/pictures/series_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "reports/pictures/plot_axes.hpp"

namespace moesim::pictures {
namespace {

/// Told apart by those who do not see red or green (after Okabe and Ito), with shades for both themes.
constexpr std::array<Rgb, kMostSeries> kColors{
    {{0, 114, 178}, {213, 94, 0}, {0, 158, 115}, {204, 121, 167}, {86, 180, 233}, {230, 159, 0}}};
constexpr double kRefWidth = 1600;
constexpr double kTallest = 0.62;  // share of the first of several panels

Rgb color_of(std::size_t series) {
  return kColors[series % kColors.size()];
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value, bool logarithmic) {
    if (!std::isfinite(value) || (logarithmic && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] bool empty() const { return low > high; }
};

PlotAxis log_axis(const Range& range, const std::string& title, int most_ticks) {
  const double room = std::max(std::pow(range.high / range.low, 0.04), 1.05);
  PlotAxis axis{range.low / room, range.high * room, true, title, {}};
  axis.ticks = log_ticks(axis.low, axis.high, most_ticks);
  return axis;
}

PlotAxis y_axis_of(const SeriesPanel& panel, int most_ticks) {
  Range range;
  for (const PlotSeries& series : panel.series)
    for (const auto* points : {&series.line, &series.dots})
      for (const Point& point : *points) range.add(point.y, panel.logarithmic);
  if (range.empty()) range = {1, 10};
  if (panel.logarithmic) return log_axis(range, panel.y_title, most_ticks);
  PlotAxis axis{0, std::max(panel.least_high, 1.05 * range.high), false, panel.y_title, {}};
  axis.ticks = linear_ticks(axis.low, axis.high, most_ticks);
  return axis;
}

/// A disc as a polygon, ringed by the background so that discs on each other stay apart.
void draw_dot(Canvas& canvas, Point at, double radius, Rgb color, Rgb ring) {
  constexpr int kCorners = 16;
  const auto disc = [&](double r) {
    std::array<Point, kCorners> out;
    for (int i = 0; i < kCorners; ++i) {
      const double angle = 2 * 3.14159265358979 * i / kCorners;
      out[static_cast<std::size_t>(i)] = {at.x + r * std::cos(angle), at.y + r * std::sin(angle)};
    }
    return out;
  };
  canvas.fill(disc(1.35 * radius), ring, 1);
  canvas.fill(disc(radius), color, 1);
}

class Drawing {
 public:
  Drawing(const SeriesPicture& picture, PictureFormat format, int width, int height, const Theme& theme)
      : picture_(picture),
        style_{&theme, width / kRefWidth},
        width_(width),
        height_(height),
        canvas_(format, width, height) {}
  std::string finish();

 private:
  double draw_head();
  double draw_legend(double top);
  void draw_panel(const SeriesPanel& panel, const Rect& area, const PlotAxis& x);
  void draw_series(const PlotSeries& series, const Rect& area, const PlotAxis& x, const PlotAxis& y,
                   Rgb color);

  const SeriesPicture& picture_;
  PlotStyle style_;
  double width_;
  double height_;
  Canvas canvas_;
};

/// Title and caption; the y below them.
double Drawing::draw_head() {
  const double size = style_.font();
  const double left = 2 * size;
  double y = 2 * size;
  canvas_.text({left, y}, canvas_.fitted(picture_.title, width_ - 2 * left, 1.5 * size, true),
               {1.5 * size, style_.theme->text, Anchor::start, true});
  y += 0.6 * size;
  for (const std::string& line : picture_.caption) {
    y += 1.45 * size;
    canvas_.text({left, y}, canvas_.fitted(line, width_ - 2 * left, size), {size, style_.theme->muted});
  }
  return y + 1.2 * size;
}

/// Line, dot and label of each series, in rows; the y below them.
double Drawing::draw_legend(double top) {
  const double size = style_.font();
  const double left = 2 * size;
  double x = left;
  double y = top + 0.8 * size;
  const auto& series = picture_.panels.front().series;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const double length = 2.4 * size + canvas_.text_width(series[i].label, size) + 2.2 * size;
    if (x > left && x + length > width_ - left) {
      x = left;
      y += 1.6 * size;
    }
    const Rgb color = color_of(i);
    canvas_.line(std::array{Point{x, y}, Point{x + 2 * size, y}}, color, 2 * style_.line_width());
    draw_dot(canvas_, {x + size, y}, 0.28 * size, color, style_.theme->background);
    canvas_.text({x + 2.5 * size, y}, series[i].label, {size, style_.theme->text});
    x += length;
  }
  return y + 1.2 * size;
}

void Drawing::draw_series(const PlotSeries& series, const Rect& area, const PlotAxis& x, const PlotAxis& y,
                          Rgb color) {
  const auto place = [&](const Point& point) {
    return Point{area.x + x.position(point.x) * area.width,
                 area.bottom() - y.position(point.y) * area.height};
  };
  const auto drawn = [&](const Point& point) { return point.x > 0 && (!y.logarithmic || point.y > 0); };
  std::vector<Point> line;
  for (const Point& point : series.line)
    if (drawn(point)) line.push_back(place(point));
  if (line.size() > 1) canvas_.line(line, color, 1.8 * style_.line_width());
  for (const Point& point : series.dots)
    if (drawn(point)) draw_dot(canvas_, place(point), 0.24 * style_.font(), color, style_.theme->background);
}

void Drawing::draw_panel(const SeriesPanel& panel, const Rect& area, const PlotAxis& x) {
  const PlotAxis y = y_axis_of(panel, std::max(3, static_cast<int>(area.height / (2.6 * style_.font()))));
  draw_plot_title(canvas_, style_, area, panel.title);
  draw_grid(canvas_, style_, area, x, y);
  for (std::size_t i = 0; i < panel.series.size(); ++i) draw_series(panel.series[i], area, x, y, color_of(i));
  draw_axes(canvas_, style_, area, x, y, true);
}

std::string Drawing::finish() {
  canvas_.fill(Rect{0, 0, width_, height_}, style_.theme->background);
  const double size = style_.font();
  const double top = draw_legend(draw_head());
  Range range;
  for (const SeriesPanel& panel : picture_.panels)
    for (const PlotSeries& series : panel.series)
      for (const auto* points : {&series.line, &series.dots})
        for (const Point& point : *points) range.add(point.x, true);
  if (range.empty()) throw RunError("no point to draw");
  const double left = 7 * size, right = 2.5 * size, title = 2.4 * size, below = 3.6 * size,
               ticks = 1.8 * size;
  const auto count = static_cast<double>(picture_.panels.size());
  const double room = height_ - top - below - count * title - (count - 1) * ticks;
  double y = top;
  for (std::size_t i = 0; i < picture_.panels.size(); ++i) {
    const double first = count > 1 ? kTallest : 1;
    const double share = i == 0 ? first : (1 - first) / (count - 1);
    const bool last = i + 1 == picture_.panels.size();
    const Rect area{left, y + title, width_ - left - right, share * room};
    draw_panel(picture_.panels[i], area, log_axis(range, last ? picture_.x_title : "", 14));
    y = area.bottom() + ticks;
  }
  return canvas_.finish();
}

}  // namespace

std::string series_picture(const SeriesPicture& picture, PictureFormat format, int width, int height,
                           const Theme& theme) {
  if (picture.panels.empty()) throw RunError("no panel to draw");
  return Drawing(picture, format, width, height, theme).finish();
}

}  // namespace moesim::pictures
