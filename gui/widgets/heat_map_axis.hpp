#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <memory>

#include "gui/models/step_columns.hpp"

namespace moesim::gui {

/// The cells that an axis shows, in cells: cell i reaches from i to i + 1.
struct CellWindow {
  double first = 0;
  double end = 1;  ///< above first
  bool operator==(const CellWindow&) const = default;
  [[nodiscard]] double length() const { return end - first; }
};

/// Where on an axis of `numPixels` a place in cells is, and back.
double pixelOf(const CellWindow& window, double cell, double numPixels);
double cellAt(const CellWindow& window, double pixel, double numPixels);

/// `factor` times as many cells, `anchor` stays in place; at least kFewestCells, inside of `count` cells.
CellWindow zoomed(const CellWindow& window, double anchor, double factor, int count);
/// Moved by so many cells, inside of `count` cells.
CellWindow moved(const CellWindow& window, double cells, int count);
/// Inside of `count` cells, of the same length where it fits.
CellWindow cutTo(CellWindow window, int count);
inline constexpr double kFewestCells = 4;

/// What the cells of an axis are.
struct HeatMapAxis {
  QString title;
  int count = 0;
  QStringList labels;                        ///< a cell each, or none: then numbers
  std::shared_ptr<const StepColumns> steps;  ///< the numbers; null: 0, 1, ...

  [[nodiscard]] QString label(int cell) const;
};

struct AxisTick {
  double cell = 0;  ///< place in cells, the middle of one
  QString label;
};

/// At most `maxCount` ticks of what the window shows, at round numbers or every so many cells.
QVector<AxisTick> axisTicks(const HeatMapAxis& axis, const CellWindow& window, int maxCount);

}  // namespace moesim::gui
