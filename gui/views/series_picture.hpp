#pragma once

#include <QStringList>

#include "gui/models/run_document.hpp"
#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

/// The names of the curves of one or two results, each once, sorted; null documents have none.
QStringList seriesNames(const RunDocument* first, const RunDocument* second);

/// Those that a result shows at first: all but curves of single layers.
QStringList startingSeries(const QStringList& names);

/// The axis that a curve is drawn against: by its unit and name.
PlotAxis axisOfSeries(const Series& series);

/// The curves with these names over time, a panel for each unit; of two results that of the second is dashed.
PlotPicture seriesPicture(const RunDocument& first, const RunDocument* second, const QStringList& names);

/// Seconds of a training step by phase, and its rates beside each other; no panels without such a summary.
PlotPicture phasesPicture(const RunDocument& first, const RunDocument* second);

/// Of each curve of the picture the mean, least and greatest value in [low, high], a line each; of at most
/// `maxLines` curves. Curves without a point there are left out.
QStringList rangeTexts(const PlotPicture& picture, PlotRange range, int maxLines);

/// The rates of a result in a line: "172.3 K tokens/s, MFU 40.3 %"; empty where its summary has none.
QString ratesText(const RunDocument& document);

}  // namespace moesim::gui
