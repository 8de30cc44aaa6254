#pragma once

#include <string>
#include <vector>

#include "reports/metric.hpp"

namespace moesim {

/// A bar of an SVG picture: one part for each label of the picture.
struct StackedBar {
  std::string name;           ///< at its left
  std::vector<double> parts;  ///< [num_labels], from the left; what is not above 0 is left out
  double mark = 0;            ///< a line across the bar at this value, such as a capacity; 0: none
};

/// Horizontal bars of stacked parts on one axis from 0, with the sum at the right of each and a legend below,
/// as HTML. Colours are the page's --c0 to --c11, of labels from the twelfth on again. Empty where nothing is
/// above 0.
std::string stacked_bars(const std::vector<std::string>& labels, const std::vector<StackedBar>& bars,
                         MetricUnit unit);

/// A row of columns for each name, all on one axis from 0: values over pipeline ranks, as HTML.
std::string column_rows(const std::vector<std::string>& names, const std::vector<std::vector<double>>& values,
                        MetricUnit unit);

}  // namespace moesim
