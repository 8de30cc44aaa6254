#include "reports/pictures/plot_axes.hpp"

#include <array>
#include <limits>

#include "base/math.hpp"

namespace moesim::pictures {
namespace {

bool is_inside(const PlotAxis& axis, double value) {
  const double position = axis.position(value);
  return position >= -1e-9 && position <= 1 + 1e-9;
}

void draw_x_axis(Canvas& canvas, const PlotStyle& style, const Rect& area, const PlotAxis& axis) {
  const double size = style.font();
  double free_from = -std::numeric_limits<double>::infinity();
  for (const Tick& tick : axis.ticks) {
    if (!is_inside(axis, tick.at)) continue;
    const double x = area.x + axis.position(tick.at) * area.width;
    canvas.line(std::array{Point{x, area.bottom()}, Point{x, area.bottom() + style.tick_length()}},
                style.theme->frame, style.line_width());
    const double width = canvas.text_width(tick.label, size);
    if (x - width / 2 < free_from) continue;
    canvas.text({x, area.bottom() + style.tick_length() + 0.75 * size}, tick.label,
                {size, style.theme->text, Anchor::middle});
    free_from = x + width / 2 + 0.6 * size;
  }
  canvas.text({area.x + area.width / 2, area.bottom() + style.tick_length() + 2.2 * size}, axis.title,
              {size, style.theme->muted, Anchor::middle});
}

void draw_y_axis(Canvas& canvas, const PlotStyle& style, const Rect& area, const PlotAxis& axis,
                 bool upwards) {
  const double size = style.font();
  double widest = 0;
  double last = std::numeric_limits<double>::infinity();
  for (const Tick& tick : axis.ticks) {
    if (!is_inside(axis, tick.at)) continue;
    const double position = axis.position(tick.at);
    const double y = area.y + (upwards ? 1 - position : position) * area.height;
    canvas.line(std::array{Point{area.x - style.tick_length(), y}, Point{area.x, y}}, style.theme->frame,
                style.line_width());
    if (last - y < 1.2 * size && y - last < 1.2 * size) continue;
    canvas.text({area.x - 1.6 * style.tick_length(), y}, tick.label, {size, style.theme->text, Anchor::end});
    widest = std::max(widest, canvas.text_width(tick.label, size));
    last = y;
  }
  canvas.text({area.x - 1.6 * style.tick_length() - widest - 0.9 * size, area.y + area.height / 2},
              axis.title, {size, style.theme->muted, Anchor::middle, false, true});
}

}  // namespace

double PlotAxis::position(double value) const {
  if (logarithmic) return log_det(value / low) / log_det(high / low);
  return (value - low) / (high - low);
}

void draw_plot_title(Canvas& canvas, const PlotStyle& style, const Rect& area, const std::string& title) {
  const double size = 1.05 * style.font();
  canvas.text({area.x, area.y - 0.95 * size}, canvas.fitted(title, area.width, size, true),
              {size, style.theme->text, Anchor::start, true});
}

void draw_grid(Canvas& canvas, const PlotStyle& style, const Rect& area, const PlotAxis& x,
               const PlotAxis& y) {
  for (const Tick& tick : x.ticks) {
    if (!is_inside(x, tick.at)) continue;
    const double at = area.x + x.position(tick.at) * area.width;
    canvas.line(std::array{Point{at, area.y}, Point{at, area.bottom()}}, style.theme->grid,
                style.line_width());
  }
  for (const Tick& tick : y.ticks) {
    if (!is_inside(y, tick.at)) continue;
    const double at = area.bottom() - y.position(tick.at) * area.height;
    canvas.line(std::array{Point{area.x, at}, Point{area.right(), at}}, style.theme->grid,
                style.line_width());
  }
}

void draw_axes(Canvas& canvas, const PlotStyle& style, const Rect& area, const PlotAxis& x, const PlotAxis& y,
               bool y_upwards) {
  canvas.frame(area, style.theme->frame, style.line_width());
  draw_x_axis(canvas, style, area, x);
  draw_y_axis(canvas, style, area, y, y_upwards);
}

}  // namespace moesim::pictures
