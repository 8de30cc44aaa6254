#pragma once

#include "reports/pictures/binned_curve.hpp"
#include "reports/pictures/canvas.hpp"
#include "reports/pictures/plot_axes.hpp"

namespace moesim::pictures {

/// An axis that holds the extremes of a curve of values from 0 on: from 0, or from its least value above 0
/// where it is logarithmic.
PlotAxis curve_axis(const BinnedCurve& curve, bool logarithmic, int max_ticks);

/// The means of the bins as a line and their extremes as a band; bins without values part both. Values below
/// the axis lie on its end.
void draw_curve(Canvas& canvas, const PlotStyle& style, const Rect& area, const BinnedCurve& curve,
                const PlotAxis& y);

}  // namespace moesim::pictures
