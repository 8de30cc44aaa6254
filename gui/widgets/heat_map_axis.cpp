#include "gui/widgets/heat_map_axis.hpp"

#include <algorithm>
#include <cmath>

#include "reports/pictures/ticks.hpp"

namespace moesim::gui {
namespace {

/// Every cell, or one in so many, with its own label.
QVector<AxisTick> labelTicks(const HeatMapAxis& axis, const CellWindow& window, int maxCount) {
  QVector<AxisTick> ticks;
  const int every = std::max(1, static_cast<int>(std::ceil(window.length() / maxCount)));
  const int first = std::max(0, static_cast<int>(window.first)) / every * every;
  for (int cell = first; cell < axis.count && cell + 0.5 <= window.end; cell += every)
    if (cell + 0.5 >= window.first) ticks.append({cell + 0.5, axis.label(cell)});
  return ticks;
}

}  // namespace

double pixelOf(const CellWindow& window, double cell, double numPixels) {
  return (cell - window.first) / window.length() * numPixels;
}

double cellAt(const CellWindow& window, double pixel, double numPixels) {
  return window.first + pixel / std::max(numPixels, 1.0) * window.length();
}

CellWindow cutTo(CellWindow window, int count) {
  const double all = std::max(count, 1);
  if (!(window.length() < all)) return {0, all};
  if (window.first < 0) return {0, window.length()};
  if (window.end > all) return {all - window.length(), all};
  return window;
}

CellWindow zoomed(const CellWindow& window, double anchor, double factor, int count) {
  const double length = std::max(window.length() * factor, kFewestCells);
  const double share = (anchor - window.first) / window.length();
  return cutTo({anchor - share * length, anchor + (1 - share) * length}, count);
}

CellWindow moved(const CellWindow& window, double cells, int count) {
  return cutTo({window.first + cells, window.end + cells}, count);
}

QString HeatMapAxis::label(int cell) const {
  if (cell < 0 || cell >= count) return {};
  if (!labels.isEmpty()) return labels.value(cell);
  return QString::fromStdString(pictures::grouped(steps ? steps->step(cell) : cell));
}

QVector<AxisTick> axisTicks(const HeatMapAxis& axis, const CellWindow& window, int maxCount) {
  if (axis.count <= 0 || maxCount < 1) return {};
  if (!axis.labels.isEmpty()) return labelTicks(axis, window, maxCount);
  // Numbers of the first and the last cell whose middle is shown.
  const int first = std::clamp(static_cast<int>(std::ceil(window.first - 0.5)), 0, axis.count - 1);
  const int last = std::clamp(static_cast<int>(std::floor(window.end - 0.5)), first, axis.count - 1);
  const auto number = [&](int cell) {
    return static_cast<double>(axis.steps ? axis.steps->step(cell) : cell);
  };
  if (last - first < maxCount) return labelTicks(axis, window, maxCount);
  QVector<AxisTick> ticks;
  for (const pictures::Tick& tick : pictures::linear_ticks(number(first), number(last), maxCount, true))
    ticks.append(
        {axis.steps ? axis.steps->positionOf(tick.at) : tick.at + 0.5, QString::fromStdString(tick.label)});
  return ticks;
}

}  // namespace moesim::gui
