#pragma once

#include <string>
#include <vector>

#include "reports/pictures/canvas.hpp"
#include "reports/pictures/theme.hpp"

namespace moesim::pictures {

/// A curve and the points that it is held against, in the units of its panel.
struct PlotSeries {
  std::string label;        ///< in the legend
  std::vector<Point> line;  ///< ascending in x
  std::vector<Point> dots;
};

/// One plot; all panels of a picture share the x axis and, in their order, the colours of their series.
struct SeriesPanel {
  std::string title;
  std::string y_title;
  bool logarithmic = true;  ///< y; values of 0 and below are left out of a logarithmic axis
  double least_high = 0;    ///< a linear axis reaches from 0 to at least this
  std::vector<PlotSeries> series;
};

/// Curves against points.
struct SeriesPicture {
  std::string title;
  std::vector<std::string> caption;  ///< lines below the title
  std::string x_title;               ///< with its unit; the axis is logarithmic
  std::vector<SeriesPanel> panels;   ///< below each other, the first one the tallest
};

/// The most series that have a colour of their own; others repeat them.
inline constexpr std::size_t kMostSeries = 6;

/// Sizes follow from width / 1600. Throws RunError where nothing is to be drawn.
std::string series_picture(const SeriesPicture& picture, PictureFormat format, int width, int height,
                           const Theme& theme);

}  // namespace moesim::pictures
