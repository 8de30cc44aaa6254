#pragma once

#include <QStringList>

#include "gui/models/run_document.hpp"
#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

/// The names of the curves of one or two results, each once, in the order of curve_kinds(); null documents
/// have none.
QStringList seriesNames(const RunDocument* first, const RunDocument* second);

/// Those that a result shows at first: the main ones, none of single layers.
QStringList startingSeries(const QStringList& names);

/// What the list calls a curve, "TTFT \u00b7 prefill, p99", and the group that it stands in, "Latency".
QString seriesTitle(const QString& name);
QString seriesGroup(const QString& name);

/// The colour of a curve among `all`: that of its pool or layer in every panel.
int seriesColor(const QString& name, const QStringList& all);

/// The axis that a curve is drawn against: by its unit and name.
PlotAxis axisOfSeries(const Series& series);

/// The curves with these names over time, a panel for each title; of two results that of the second is
/// dashed.
PlotPicture seriesPicture(const RunDocument& first, const RunDocument* second, const QStringList& names);

/// Of each curve of the picture the mean, least and greatest value in [low, high], a line each; of at most
/// `maxLines` curves. Curves without a point there are left out.
QStringList rangeTexts(const PlotPicture& picture, PlotRange range, int maxLines);

}  // namespace moesim::gui
