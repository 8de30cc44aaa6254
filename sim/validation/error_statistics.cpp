#include "sim/validation/error_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/math.hpp"

namespace moesim {

ErrorStatistics error_statistics(const std::vector<Figure>& figures) {
  // A family's name and a case's id never meet: the first of the pair tells them apart.
  std::map<std::pair<bool, std::string>, std::map<std::string, std::vector<double>>> families;
  std::vector<double> all;
  for (const Figure& figure : figures) {
    if (figure.role != CaseRole::check || !figure.error_fraction) continue;
    const bool has_family = !figure.family.empty();
    all.push_back(std::abs(*figure.error_fraction));
    families[{has_family, has_family ? figure.family : figure.id}][figure.id].push_back(all.back());
  }
  if (all.empty()) return {};
  std::vector<double> weighed;
  for (const auto& [name, cases] : families) {
    std::vector<double> medians;
    for (const auto& [id, errors] : cases) medians.push_back(median(errors));
    weighed.push_back(median(medians));
  }
  return {weighed.size(), all.size(), median(weighed), percentile(weighed, 90),
          *std::ranges::max_element(all)};
}

}  // namespace moesim
