#include "calib/profile/weighted_median.hpp"

#include <algorithm>

namespace moesim {

double weighted_median(std::vector<std::pair<double, double>> values) {
  std::sort(values.begin(), values.end());
  double total = 0;
  for (const auto& [value, weight] : values) total += weight;
  double below = 0;
  double last_middle = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double middle = (below + values[i].second / 2) / total;
    if (middle >= 0.5) {
      if (i == 0) return values[i].first;
      const double t = (0.5 - last_middle) / (middle - last_middle);
      return values[i - 1].first + t * (values[i].first - values[i - 1].first);
    }
    below += values[i].second;
    last_middle = middle;
  }
  return values.back().first;
}

}  // namespace moesim
