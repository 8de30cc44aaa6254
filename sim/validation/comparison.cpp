#include "sim/validation/comparison.hpp"

#include <algorithm>
#include <cmath>

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

/// The member of an object; null where there is none.
const Json& member(const Json& value, const std::string& key) {
  static const Json kNothing;
  if (!value.is_object()) return kNothing;
  const auto found = value.find(key);
  return found == value.end() ? kNothing : *found;
}

/// The number at a dotted path of a summary. Throws RunError with the nearest one.
double metric_of(const Json& summary, const std::string& metric) {
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
  throw RunError(fmt::format("the summary has no number '{}'{}", metric,
                             near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

/// The predictions of every run. Throws RunError.
std::vector<double> predictions(const std::string& metric, const std::vector<WorkerOutcome>& outcomes) {
  std::vector<double> values;
  for (const WorkerOutcome& outcome : outcomes) {
    if (!outcome.result) throw RunError(outcome.message);
    const Json result = Json::parse(outcome.result->text);
    values.push_back(metric_of(member(result, "summary"), metric));
  }
  if (values.empty()) throw RunError("nothing was run");
  return values;
}

void judge_range(const std::vector<double>& values, Figure& figure) {
  const auto [low, high] = std::ranges::minmax_element(values);
  figure.low = *low;
  figure.high = *high;
  const double published = figure.published.value;
  const bool is_narrow = *low > 0 && *high < kWidestRange * *low;
  const bool holds = *low <= published && published <= *high;
  figure.status = is_narrow && holds ? FigureStatus::pass : FigureStatus::outside;
}

void judge(double predicted, Figure& figure) {
  figure.predicted = predicted;
  figure.error_fraction = predicted / figure.published.value - 1;
  const bool holds = std::abs(*figure.error_fraction) <= figure.published.tolerance_fraction.value_or(0);
  figure.status = holds ? FigureStatus::pass : FigureStatus::outside;
}

}  // namespace

std::vector<Figure> compare(const ValidationCase& c, const std::vector<WorkerOutcome>& outcomes) {
  std::vector<Figure> figures;
  for (const PublishedValue& published : c.published) {
    Figure& figure = figures.emplace_back();
    figure.id = c.id;
    figure.family = c.family;
    figure.role = c.role;
    figure.published = published;
    try {
      const std::vector<double> values = predictions(published.metric, outcomes);
      c.role == CaseRole::range ? judge_range(values, figure) : judge(values.front(), figure);
    } catch (const std::exception& error) {
      figure.message = error.what();
    }
  }
  return figures;
}

}  // namespace moesim
