#pragma once

#include <string>

#include "reports/pictures/canvas.hpp"
#include "reports/pictures/color_map.hpp"
#include "reports/pictures/max_raster.hpp"
#include "reports/pictures/plot_axes.hpp"

namespace moesim::pictures {

/// Draws the pixels of a raster, each one pixel of the page, from (x, y) on.
void draw_heat_map(Canvas& canvas, const Theme& theme, int x, int y, const MaxRaster& raster,
                   const ColorMap& map, const ColorScale& scale);

/// Ends of a colour scale whose colours also stand for all that lies beyond; their labels say so.
struct OpenEnds {
  bool low = false;
  bool high = false;
};

/// An upright colour bar in `area` with ticks and the unit at its right.
void draw_color_bar(Canvas& canvas, const PlotStyle& style, const Rect& area, const ColorMap& map,
                    const ColorScale& scale, const std::string& unit, OpenEnds open);

}  // namespace moesim::pictures
