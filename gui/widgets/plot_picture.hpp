#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <optional>

#include "reports/metric.hpp"

namespace moesim::gui {

/// What the numbers on an axis count. Values are SI everywhere; the axis picks a prefix.
struct PlotAxis {
  QString label;
  MetricUnit unit = MetricUnit::count;
  QString unitText;        ///< of counts: "tokens/s", "requests"; empty: none
  bool isLog = false;      ///< values that are not above 0 are left out
  QStringList categories;  ///< texts of the places 0, 1, ...; empty: numbers
  bool startsAtZero = false;
};

enum class PlotMark { line, steps, points };

/// Points (x, y), joined or not. NaN and infinite values are gaps.
struct PlotCurve {
  QString name;
  int color = 0;          ///< of categoryColor()
  bool isSecond = false;  ///< of the result that is compared: dashed, hollow
  bool isThin = false;    ///< a tail beside its median
  bool isListed = true;   ///< in the legend
  bool hasMarks = true;   ///< few points of a line are marked, and the mouse finds them
  PlotMark mark = PlotMark::line;
  QVector<double> x;
  QVector<double> y;    ///< as many
  QVector<double> low;  ///< of error bars, absolute; empty or as many as y
  QVector<double> high;
  QStringList notes;       ///< of tooltips; empty or as many as y
  QVector<double> shades;  ///< in [0, 1], place in the sequential colour map; empty: all of `color`
};

/// A bar at each category; NaN: none. Bars of one group stand on each other, groups beside each other.
struct PlotBars {
  QString name;
  int color = 0;
  bool isSecond = false;
  bool isListed = true;
  int group = 0;
  QVector<double> values;
};

/// A horizontal line across a panel, dashed, with its text.
struct PlotLevel {
  QString name;
  double value = 0;
};

/// One pair of axes.
struct PlotPanel {
  QString title;  ///< above the axes, before the legend; may be empty
  PlotAxis y;
  QVector<PlotCurve> curves;
  QVector<PlotBars> bars;
  QVector<PlotLevel> levels;
};

/// What a PlotWidget draws: panels that share the axis of x, row by row in `columns`.
struct PlotPicture {
  PlotAxis x;
  int columns = 1;
  QVector<PlotPanel> panels;
};

/// A range of an axis.
struct PlotRange {
  double low = 0;
  double high = 1;  ///< above low
  bool operator==(const PlotRange&) const = default;
};

/// Whether a number can be drawn: finite, and positive on a logarithmic axis.
bool isDrawable(double value, bool isLog);

/// What shows every x of the picture, with a margin unless x are categories or time; {0, 1} for no points.
PlotRange fullRangeX(const PlotPicture& picture, double margin);
/// What shows every bar, level, error bar and point of the panel whose x lies in `x`, with a margin; bars
/// start at 0.
PlotRange fullRangeY(const PlotPanel& panel, const PlotAxis& xAxis, PlotRange x);

/// Something under the mouse.
struct PlotHit {
  int curve = -1;  ///< of the panel; -1: a bar
  int bars = -1;   ///< of the panel; -1: a point
  int index = 0;   ///< of the point or category
};

/// The drawn point of `panel` that is nearest to (x, y) where a unit of x is `perX` pixels and of y `perY`
/// (of decades on logarithmic axes), if it is at most `reach` pixels away.
std::optional<PlotHit> nearestPoint(const PlotPanel& panel, const PlotAxis& xAxis, double x, double y,
                                    double perX, double perY, double reach);

/// Where a bar is: the middle of its category is the index.
struct PlotBarBox {
  double left = 0;
  double right = 0;
  double bottom = 0;
  double top = 0;
};
/// The box of a bar; bottom and top are equal where there is none.
PlotBarBox barBox(const PlotPanel& panel, int bars, int category);
std::optional<PlotHit> barAt(const PlotPanel& panel, double x, double y);

/// The y of the curve's point nearest to x; nothing where that one is a gap or the curve is empty. x ascend.
std::optional<double> valueNear(const PlotCurve& curve, double x);

}  // namespace moesim::gui
