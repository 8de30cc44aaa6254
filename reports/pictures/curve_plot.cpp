#include "reports/pictures/curve_plot.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace moesim::pictures {
namespace {

constexpr double kBandOpacity = 0.3;

/// Neighbouring bins that hold values, as points of the page.
struct Stretch {
  std::vector<Point> mean;
  std::vector<Point> band;  ///< along the top, then back along the bottom
};

void draw_stretch(Canvas& canvas, const PlotStyle& style, Stretch& stretch, std::vector<Point>& lows) {
  stretch.band.insert(stretch.band.end(), lows.rbegin(), lows.rend());
  const double width = 1.6 * style.line_width();
  if (stretch.mean.size() == 1) {
    const Point at = stretch.mean[0];
    canvas.line(stretch.band, style.theme->curve, style.line_width());
    canvas.fill(Rect{at.x - 2 * width, at.y - 2 * width, 4 * width, 4 * width}, style.theme->curve);
  } else if (!stretch.mean.empty()) {
    canvas.fill(stretch.band, style.theme->curve, kBandOpacity);
    canvas.line(stretch.mean, style.theme->curve, width);
  }
  stretch = {};
  lows.clear();
}

}  // namespace

PlotAxis curve_axis(const BinnedCurve& curve, bool logarithmic, int max_ticks) {
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (const CurveBin& bin : curve.bins()) {
    if (bin.count == 0) continue;
    most = std::max(most, bin.high);
    const double above_zero = bin.low > 0 ? bin.low : bin.mean();
    if (above_zero > 0) least = std::min(least, above_zero);
  }
  PlotAxis axis{0, most > 0 ? 1.06 * most : 1, logarithmic, "MaxVio", {}};
  if (!logarithmic) {
    axis.ticks = linear_ticks(axis.low, axis.high, max_ticks);
    return axis;
  }
  axis.low = most > 0 ? least / 1.06 : 0.1;
  axis.ticks = log_ticks(axis.low, axis.high, max_ticks);
  return axis;
}

void draw_curve(Canvas& canvas, const PlotStyle& style, const Rect& area, const BinnedCurve& curve,
                const PlotAxis& y) {
  const auto height_of = [&](double value) {
    return area.bottom() - std::clamp(y.position(std::max(value, y.low)), 0.0, 1.0) * area.height;
  };
  const std::vector<CurveBin>& bins = curve.bins();
  Stretch stretch;
  std::vector<Point> lows;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i].count == 0) {
      draw_stretch(canvas, style, stretch, lows);
      continue;
    }
    const double x = area.x + curve.middle(i) * area.width;
    stretch.mean.push_back({x, height_of(bins[i].mean())});
    stretch.band.push_back({x, height_of(bins[i].high)});
    lows.push_back({x, height_of(bins[i].low)});
  }
  draw_stretch(canvas, style, stretch, lows);
}

}  // namespace moesim::pictures
