#include "gui/widgets/plot_picture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace moesim::gui {
namespace {

/// Beyond it sums and products of the drawing code overflow.
constexpr double kLargest = 1e200;
constexpr double kBarsWidth = 0.8;  // of a category

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value, bool isLog) {
    if (!isDrawable(value, isLog)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] bool isEmpty() const { return low > high; }
};

PlotRange padded(Extent extent, bool isLog, double margin) {
  if (extent.isEmpty()) return isLog ? PlotRange{1, 10} : PlotRange{0, 1};
  if (isLog) {
    const double decades = std::max(std::log10(extent.high / extent.low), 0.1);
    const double factor = std::pow(10.0, margin * decades + (extent.low == extent.high ? 0.1 : 0));
    return {extent.low / factor, extent.high * factor};
  }
  if (extent.low == extent.high) {
    const double half = extent.low == 0 ? 1 : std::abs(extent.low) * 0.1;
    return extent.low == 0 ? PlotRange{0, 1} : PlotRange{extent.low - half, extent.high + half};
  }
  const double pad = margin * (extent.high - extent.low);
  return {extent.low - pad, extent.high + pad};
}

double axisPlace(double value, bool isLog) {
  return isLog ? std::log10(value) : value;
}

std::set<int> groupsOf(const PlotPanel& panel) {
  std::set<int> groups;
  for (const PlotBars& bars : panel.bars) groups.insert(bars.group);
  return groups;
}

}  // namespace

bool isDrawable(double value, bool isLog) {
  return std::isfinite(value) && std::abs(value) < kLargest && (!isLog || value > 1 / kLargest);
}

PlotRange fullRangeX(const PlotPicture& picture, double margin) {
  if (!picture.x.categories.isEmpty()) return {-0.5, static_cast<double>(picture.x.categories.size()) - 0.5};
  Extent extent;
  for (const PlotPanel& panel : picture.panels) {
    for (const PlotCurve& curve : panel.curves)
      for (const double x : curve.x) extent.add(x, picture.x.isLog);
  }
  return padded(extent, picture.x.isLog, margin);
}

PlotRange fullRangeY(const PlotPanel& panel, const PlotAxis& xAxis, PlotRange x) {
  constexpr double kMargin = 0.06;
  Extent extent;
  const bool isLog = panel.y.isLog;
  for (const PlotCurve& curve : panel.curves) {
    for (qsizetype i = 0; i < std::min(curve.x.size(), curve.y.size()); ++i) {
      if (!isDrawable(curve.x[i], xAxis.isLog) || curve.x[i] < x.low || curve.x[i] > x.high) continue;
      extent.add(curve.y[i], isLog);
      if (i < curve.low.size()) extent.add(curve.low[i], isLog);
      if (i < curve.high.size()) extent.add(curve.high[i], isLog);
    }
  }
  for (int bars = 0; bars < panel.bars.size(); ++bars) {
    for (int i = 0; i < panel.bars[bars].values.size(); ++i) {
      const PlotBarBox box = barBox(panel, bars, i);
      extent.add(box.bottom, isLog);
      extent.add(box.top, isLog);
    }
  }
  for (const PlotLevel& level : panel.levels) extent.add(level.value, isLog);
  const bool fromZero = !isLog && (!panel.bars.isEmpty() || panel.y.startsAtZero);
  if (fromZero) extent.add(0, false);
  PlotRange range = padded(extent, isLog, kMargin);
  if (fromZero && extent.low == 0) range.low = 0;
  return range;
}

std::optional<PlotHit> nearestPoint(const PlotPanel& panel, const PlotAxis& xAxis, double x, double y,
                                    double perX, double perY, double reach) {
  std::optional<PlotHit> hit;
  double best = reach * reach;
  for (int c = 0; c < panel.curves.size(); ++c) {
    const PlotCurve& curve = panel.curves[c];
    if (!curve.hasMarks) continue;
    for (qsizetype i = 0; i < std::min(curve.x.size(), curve.y.size()); ++i) {
      if (!isDrawable(curve.x[i], xAxis.isLog) || !isDrawable(curve.y[i], panel.y.isLog)) continue;
      const double dx = (axisPlace(curve.x[i], xAxis.isLog) - axisPlace(x, xAxis.isLog)) * perX;
      const double dy = (axisPlace(curve.y[i], panel.y.isLog) - axisPlace(y, panel.y.isLog)) * perY;
      const double distance = dx * dx + dy * dy;
      if (!(distance <= best)) continue;
      best = distance;
      hit = PlotHit{c, -1, static_cast<int>(i)};
    }
  }
  return hit;
}

PlotBarBox barBox(const PlotPanel& panel, int bars, int category) {
  const std::set<int> groups = groupsOf(panel);
  const PlotBars& own = panel.bars[bars];
  const double width = kBarsWidth / static_cast<double>(groups.size());
  const auto place = static_cast<double>(std::distance(groups.begin(), groups.find(own.group)));
  PlotBarBox box;
  box.left = category - kBarsWidth / 2 + width * place;
  box.right = box.left + width;
  for (int i = 0; i < bars; ++i) {
    if (panel.bars[i].group != own.group) continue;
    const double below = panel.bars[i].values.value(category, 0);
    if (isDrawable(below, false)) box.bottom += below;
  }
  const double value = own.values.value(category, 0);
  box.top = box.bottom + (isDrawable(value, false) ? value : 0);
  return box;
}

std::optional<PlotHit> barAt(const PlotPanel& panel, double x, double y) {
  const int category = static_cast<int>(std::lround(std::clamp(x, -1.0, 1e6)));
  for (int bars = 0; bars < panel.bars.size(); ++bars) {
    if (category < 0 || category >= panel.bars[bars].values.size()) continue;
    const PlotBarBox box = barBox(panel, bars, category);
    if (x < box.left || x > box.right) continue;
    if (y >= std::min(box.bottom, box.top) && y <= std::max(box.bottom, box.top) && box.bottom != box.top)
      return PlotHit{-1, bars, category};
  }
  return {};
}

std::optional<double> valueNear(const PlotCurve& curve, double x) {
  const qsizetype size = std::min(curve.x.size(), curve.y.size());
  if (size == 0) return {};
  auto at = std::lower_bound(curve.x.begin(), curve.x.begin() + size, x) - curve.x.begin();
  if (at == size || (at > 0 && x - curve.x[at - 1] < curve.x[at] - x)) --at;
  const double value = curve.y[at];
  if (!isDrawable(value, false)) return {};
  return value;
}

}  // namespace moesim::gui
