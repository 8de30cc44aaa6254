#pragma once

#include "gui/models/latency_figures.hpp"
#include "gui/models/run_document.hpp"
#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

/// The share of requests (of ITL: tokens) that a latency of one result or two is at most, with p50, p90 and
/// p99 marked and the SLO as a line; no panel where neither recorded the distribution.
PlotPicture latencyShares(const QString& key, const RunDocument& first, const RunDocument* second);

/// A latency as bars by statistic, of one result or two beside each other, the SLO as a line.
PlotPicture latencyBars(const QString& key, const RunDocument& first, const RunDocument* second);

/// The share of samples of step times at most as long, a curve for each pool; no panel without samples.
PlotPicture stepTimePlot(const RunDocument& first, const RunDocument* second);

}  // namespace moesim::gui
