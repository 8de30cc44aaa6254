#include "sim/runner/summary_metric.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

void add_metrics(const Json& value, const std::string& path, std::vector<std::string>& metrics) {
  if (value.is_number()) metrics.push_back(path);
  if (!value.is_object()) return;
  for (const auto& [key, child] : value.items())
    add_metrics(child, path.empty() ? key : path + '.' + key, metrics);
}

}  // namespace

const Json& member(const Json& value, const std::string& key) {
  static const Json kNothing;
  if (!value.is_object()) return kNothing;
  const auto found = value.find(key);
  return found == value.end() ? kNothing : *found;
}

double summary_metric(const Json& summary, const std::string& metric) {
  const Json* place = &summary;
  for (std::size_t at = 0; at <= metric.size();) {
    const std::size_t end = std::min(metric.find('.', at), metric.size());
    place = &member(*place, metric.substr(at, end - at));
    at = end + 1;
  }
  if (place->is_number() && std::isfinite(place->get<double>())) return place->get<double>();
  std::vector<std::string> metrics;
  add_metrics(summary, "", metrics);
  const std::string near = nearest(metric, metrics);
  constexpr std::size_t kShown = 8;
  if (near.empty() && metrics.size() > kShown) metrics.resize(kShown);
  throw UnknownMetric(fmt::format("the summary has no number '{}'; {}", metric,
                                  near.empty() ? fmt::format("it has {}, ...", fmt::join(metrics, ", "))
                                               : fmt::format("did you mean '{}'?", near)));
}

}  // namespace moesim
