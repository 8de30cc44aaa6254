#pragma once

#include "reports/pictures/canvas.hpp"
#include "reports/pictures/load_picture.hpp"

namespace moesim::pictures {

/// Where the parts of a load picture are, in whole pixels; a width of 0 where a part is not drawn.
struct LoadLayout {
  double unit = 1;  ///< see PlotStyle
  Rect steps;
  Rect layers;
  Rect bar;
  Rect violation;
  Rect facts;
};

LoadLayout load_layout(int width, int height, LoadPanel panel);

}  // namespace moesim::pictures
