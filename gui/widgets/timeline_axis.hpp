#pragma once

#include <QString>
#include <QVector>

#include "gui/models/view_state.hpp"

namespace moesim::gui {

/// Time against pixels: `range` fills those from `left` up to, not including, `left + width`.
struct TimelineAxis {
  TimeRange range;
  double left = 0;
  double width = 1;  ///< above 0

  [[nodiscard]] double secondsPerPixel() const { return range.length() / width; }
  [[nodiscard]] double xOf(double time) const { return left + (time - range.start) / secondsPerPixel(); }
  [[nodiscard]] double timeOf(double x) const { return range.start + (x - left) * secondsPerPixel(); }
  /// `factor` times as long with the same time at `x`; at least kShortest of the time around it.
  [[nodiscard]] TimeRange zoomed(double x, double factor) const;
  /// Moved to later times by pixels.
  [[nodiscard]] TimeRange panned(double pixels) const;

  /// Below this share of the times themselves doubles no longer tell pixels apart.
  static constexpr double kShortest = 1e-11;
};

/// A line of the axis and its label.
struct TimelineTick {
  double time = 0;
  QString label;  ///< with its unit: "12.5 ms"
};

/// Round times in the range, at most `maxCount`, all in the unit that fits their distance.
QVector<TimelineTick> timelineTicks(TimeRange range, int maxCount);

/// A time to the precision of a pixel of that many seconds: "19.3082 s".
QString timeText(double time, double pixelSeconds);

}  // namespace moesim::gui
