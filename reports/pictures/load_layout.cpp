#include "reports/pictures/load_layout.hpp"

#include <algorithm>
#include <cmath>

namespace moesim::pictures {
namespace {

// In units of PlotStyle::unit.
constexpr double kHeader = 74;      // title and subtitle of the picture
constexpr double kPlotTitle = 32;   // above each plot
constexpr double kXLabels = 30;     // numbers below a plot
constexpr double kXAxis = 56;       // numbers and title
constexpr double kYAxis = 88;       // at the left of a plot
constexpr double kMargin = 24;      // at the right and at the bottom
constexpr double kGap = 30;         // between plots side by side
constexpr double kBar = 18;         // width of the colour bar
constexpr double kBarLabels = 104;  // at its right

Rect whole(double x, double y, double right, double bottom) {
  return {std::round(x), std::round(y), std::round(right) - std::round(x),
          std::round(bottom) - std::round(y)};
}

/// One plot that fills the picture, with a colour bar or without one.
void lay_out_one(LoadLayout& layout, Rect& plot, double width, double height, bool has_bar) {
  const double u = layout.unit;
  const double right = width - (has_bar ? kGap / 2 + kBar + kBarLabels : kMargin) * u;
  const double top = (kHeader + kPlotTitle) * u;
  const double bottom = height - (kXAxis + kMargin / 2) * u;
  plot = whole(kYAxis * u, top, right, bottom);
  if (has_bar) layout.bar = whole(right + kGap / 2 * u, top, right + (kGap / 2 + kBar) * u, bottom);
}

void lay_out_all(LoadLayout& layout, double width, double height) {
  const double u = layout.unit;
  const double left = kYAxis * u;
  const double bar_right = width - kBarLabels * u;
  const double maps_right = bar_right - (kBar + kGap / 2) * u;
  const double steps_right = left + 0.68 * (maps_right - left - kGap * u);
  const double top = (kHeader + kPlotTitle) * u;
  const double bottom = height - (kXAxis + kMargin / 2) * u;
  const double between = (kXLabels + kPlotTitle + 6) * u;
  const double maps_bottom = top + 0.62 * (bottom - top - between);
  layout.steps = whole(left, top, steps_right, maps_bottom);
  layout.layers = whole(steps_right + kGap * u, top, maps_right, maps_bottom);
  layout.bar = whole(maps_right + kGap / 2 * u, top, bar_right, maps_bottom);
  layout.violation = whole(left, maps_bottom + between, steps_right, bottom);
  layout.facts = whole(steps_right + kGap * u, maps_bottom + between, width - kMargin * u, bottom);
}

}  // namespace

LoadLayout load_layout(int width, int height, LoadPanel panel) {
  LoadLayout layout;
  // Below 0.75 text is no longer easy to read; it keeps its size then, and plots give way.
  layout.unit = std::max(0.75, std::min(width / 1600.0, height / 1000.0));
  switch (panel) {
    case LoadPanel::all:
      lay_out_all(layout, width, height);
      break;
    case LoadPanel::steps:
      lay_out_one(layout, layout.steps, width, height, true);
      break;
    case LoadPanel::layers:
      lay_out_one(layout, layout.layers, width, height, true);
      break;
    case LoadPanel::violation:
      lay_out_one(layout, layout.violation, width, height, false);
      break;
  }
  return layout;
}

}  // namespace moesim::pictures
