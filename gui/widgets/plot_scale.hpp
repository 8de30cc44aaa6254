#pragma once

#include <QFontMetrics>
#include <QString>

#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

/// How an axis shows its values: the value over `factor`, with `unit` behind the label.
struct AxisScale {
  double factor = 1;
  QString unit;
};

/// The prefix that fits values up to `magnitude`: {1e9, "GB"}, {0.01, "%"}, {1e3, "K tokens/s"}.
AxisScale axisScale(const PlotAxis& axis, double magnitude);

/// "memory (GB)".
QString axisTitle(const PlotAxis& axis, const AxisScale& scale);

/// The number at a tick, with as many decimals as neighbours `step` apart need.
QString tickText(double value, double step, const AxisScale& scale);

/// The text on lines of `room` pixels, `most` of them, parted between words; what is beyond is elided.
QString inLines(const QString& text, int room, int most, const QFontMetrics& metrics);

/// "12.5 GB", "37 requests", the text of a category.
QString valueText(double value, const PlotAxis& axis);

}  // namespace moesim::gui
