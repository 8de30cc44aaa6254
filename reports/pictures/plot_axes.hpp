#pragma once

#include <string>
#include <vector>

#include "reports/pictures/canvas.hpp"
#include "reports/pictures/theme.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::pictures {

/// Where and how a plot is drawn. Sizes follow from `unit`.
struct PlotStyle {
  const Theme* theme = nullptr;
  double unit = 1;  ///< 1 for a picture of 1600 x 1000

  [[nodiscard]] double font() const { return 15 * unit; }
  [[nodiscard]] double tick_length() const { return 5 * unit; }
  [[nodiscard]] double line_width() const { return unit < 1 ? 1 : unit; }
};

/// One side of a plot: `low` is at its start, `high` at its end.
struct PlotAxis {
  double low = 0;
  double high = 1;  ///< above low
  bool logarithmic = false;
  std::string title;        ///< may be empty
  std::vector<Tick> ticks;  ///< those outside [low, high] are left out

  /// 0 at low, 1 at high.
  [[nodiscard]] double position(double value) const;
};

/// A plot's title above its area, cut to its width.
void draw_plot_title(Canvas& canvas, const PlotStyle& style, const Rect& area, const std::string& title);

/// Lines across the area at the ticks, below what is drawn on it.
void draw_grid(Canvas& canvas, const PlotStyle& style, const Rect& area, const PlotAxis& x,
               const PlotAxis& y);

/// Frame, ticks, labels and titles of the axes: x runs to the right below the area, y downwards at its left,
/// or upwards with `y_upwards`. Labels that would touch the one before are left out.
void draw_axes(Canvas& canvas, const PlotStyle& style, const Rect& area, const PlotAxis& x, const PlotAxis& y,
               bool y_upwards);

}  // namespace moesim::pictures
