#pragma once

#include <string>
#include <vector>

#include "reports/metric.hpp"

namespace moesim {

/// Two ends and a value, which need not lie between them.
struct Interval {
  std::string name;
  double low = 0;
  double value = 0;
  double high = 0;
};

/// A row with a bar from `low` to `high` for each, with a line at each value, all on one axis, as HTML; empty
/// where there are none or nothing is finite.
std::string interval_plot(const std::vector<Interval>& intervals, MetricUnit unit);

}  // namespace moesim
