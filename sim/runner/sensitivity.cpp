// What each input alone makes of one figure.
#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "sim/runner/side_by_side.hpp"
#include "sim/runner/summary_metric.hpp"
#include "sim/runner/variable_scenario.hpp"

namespace moesim {
namespace {

/// The figure with an input at its low and at its high end.
using Ends = std::array<double, 2>;

double span_of(const Ends& ends, double value) {
  const auto [least, greatest] = std::minmax({ends[0], ends[1], value});
  return greatest - least;
}

Json row_of(const VariedInput& input, const Ends& ends, double value) {
  return {{"name", input.name},
          {"owner", input.owner},
          {"unit", input.unit},
          {"provenance", input.provenance},
          {"varied", input.varied},
          {"value", input.value},
          {"low_value", input.low},
          {"high_value", input.high},
          {"low", ends[0]},
          {"high", ends[1]},
          {"span", span_of(ends, value)}};
}

}  // namespace

Json sensitivity(const VariableScenario& scenario, const std::string& figure, int threads,
                 const std::function<void(double fraction, std::string_view what)>& progress) {
  const double value = summary_metric(scenario.summary({}), figure);
  const std::size_t num = scenario.inputs.size();
  std::vector<Ends> ends(num, {value, value});
  side_by_side(2 * num, threads, [&](std::size_t run) {
    const VariedInput& input = scenario.inputs[run / 2];
    const double changed = run % 2 == 0 ? input.low : input.high;
    if (changed != input.value) {
      ends[run / 2][run % 2] = summary_metric(scenario.summary({{run / 2, changed}}), figure);
    }
    // The runs of the calling thread, which tells for all.
    if (progress && run % static_cast<std::size_t>(std::max(threads, 1)) == 0) {
      progress(static_cast<double>(run + 1) / static_cast<double>(2 * num), "sensitivity");
    }
  });
  std::vector<std::size_t> order;
  Json without_effect = Json::array();
  for (std::size_t i = 0; i < num; ++i) {
    if (span_of(ends[i], value) > 0) {
      order.push_back(i);
    } else {
      without_effect.push_back(scenario.inputs[i].name);
    }
  }
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return span_of(ends[i], value); });
  Json rows = Json::array();
  for (const std::size_t i : order) rows.push_back(row_of(scenario.inputs[i], ends[i], value));
  return {{"figure", figure},
          {"value", value},
          {"engine", scenario.engine},
          {"inputs", std::move(rows)},
          {"without_effect", std::move(without_effect)}};
}

}  // namespace moesim
