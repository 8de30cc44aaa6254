#pragma once

#include <string>
#include <vector>

#include "reports/metric.hpp"

namespace moesim {

struct XyPoint {
  double x = 0;
  double y = 0;
};

/// A side of a plot, from its least to its greatest value; a linear one of values from 0 on begins at 0.
struct XyAxis {
  std::string title;
  MetricUnit unit = MetricUnit::count;
  bool logarithmic = false;  ///< values of 0 and below are left out
  bool tight = false;        ///< begins at its least value even if linear
};

struct XySeries {
  std::string label;
  std::vector<XyPoint> points;
  bool is_line = false;               ///< else dots
  bool is_big = false;                ///< dots with titles, for few
  bool is_ring = false;               ///< circles that leave room for a big dot within
  std::vector<std::string> titles{};  ///< of dots, where a pointer rests; may be empty
};

struct XyPlot {
  XyAxis x;
  XyAxis y;
  std::vector<XySeries> series;  ///< drawn in this order, coloured by it
  double height = 330;
};

/// The plot as HTML with a legend where there are several series; empty where there is no point to draw.
/// Dots are one path a series, so that ten thousand take 150 kB.
std::string xy_plot(const XyPlot& plot);

/// Points that lines through `points`, ascending in x, need at most: of every of 600 columns the first,
/// least, greatest and last.
std::vector<XyPoint> thinned(const std::vector<XyPoint>& points);

}  // namespace moesim
