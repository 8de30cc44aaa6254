// p10, p50 and p90 of every figure of a summary.
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/runner/side_by_side.hpp"
#include "sim/runner/variable_scenario.hpp"

namespace moesim {
namespace {

bool is_drawn(const VariedInput& input) {
  return input.stated && input.high > input.low;
}

/// The percentile of every number that stands at one place of all summaries; other values are left out.
Json percentile_tree(const std::vector<const Json*>& summaries, double percent) {
  const Json& first = *summaries.front();
  if (first.is_number()) {
    std::vector<double> values;
    for (const Json* summary : summaries) values.push_back(summary->get<double>());
    return percentile(values, percent);
  }
  if (!first.is_structured()) return {};
  Json tree = first.is_array() ? Json::array() : Json::object();
  for (const auto& [key, child] : first.items()) {
    std::vector<const Json*> below;
    for (const Json* summary : summaries) {
      if (first.is_array()) {
        const std::size_t index = tree.size();
        if (index < summary->size()) below.push_back(&(*summary)[index]);
      } else if (const auto found = summary->find(key); found != summary->end()) {
        below.push_back(&*found);
      }
    }
    if (below.size() != summaries.size()) continue;
    Json spread = percentile_tree(below, percent);
    if (first.is_array()) {
      tree.push_back(std::move(spread));
    } else if (!spread.is_null()) {
      tree[key] = std::move(spread);
    }
  }
  return tree;
}

}  // namespace

double triangular(const VariedInput& input, double u) {
  const auto [low, mode, high] = std::array{input.low, input.value, input.high};
  if (!(high > low)) return mode;
  const double at_mode = (mode - low) / (high - low);
  const double drawn = u < at_mode ? low + std::sqrt(u * (high - low) * (mode - low))
                                   : high - std::sqrt((1 - u) * (high - low) * (high - mode));
  return std::clamp(drawn, low, high);
}

InputValues drawn_values(const std::vector<VariedInput>& inputs, std::uint64_t seed, std::uint64_t draw) {
  InputValues values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!is_drawn(inputs[i])) continue;
    const double u = uniform_at(seed, stream_of("uncertainty:" + inputs[i].name), draw);
    values.emplace_back(i, triangular(inputs[i], u));
  }
  return values;
}

Json summary_spread(const VariableScenario& scenario, std::uint64_t seed, int threads) {
  std::vector<Json> summaries(kNumReplays);
  side_by_side(summaries.size(), threads, [&](std::size_t draw) {
    summaries[draw] = scenario.summary(drawn_values(scenario.inputs, seed, draw));
  });
  std::vector<const Json*> all;
  for (const Json& summary : summaries) all.push_back(&summary);
  return {{"engine", scenario.engine},
          {"replays", kNumReplays},
          {"num_inputs", std::ranges::count_if(scenario.inputs, is_drawn)},
          {"p10", percentile_tree(all, 10)},
          {"p50", percentile_tree(all, 50)},
          {"p90", percentile_tree(all, 90)}};
}

}  // namespace moesim
