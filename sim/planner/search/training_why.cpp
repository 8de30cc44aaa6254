#include "sim/planner/search/training_why.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "sim/planner/search/in_parallel.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/variation.hpp"
#include "sim/training/waterfall.hpp"

namespace moesim {
namespace {

constexpr double kGiB = 0x1p30;
constexpr std::size_t kMostAssumptions = 5;
constexpr double kShownGain = 1e-4;  ///< what moves a gain by less does not decide it

/// The two largest parts behind the ideal computation, and the memory that is left.
Json limits_of(const TrainingInputs& inputs, const Json& waterfall) {
  std::vector<std::pair<double, std::string>> parts;
  double step_s = 0;
  for (const Json& row : waterfall) {
    const double seconds = row.at("seconds").get<double>();
    const auto name = row.at("name").get<std::string>();
    if (name == "step") {
      step_s = seconds;
    } else if (name != "ideal_compute") {
      parts.emplace_back(seconds, name);
    }
  }
  std::ranges::stable_sort(parts, [](const auto& a, const auto& b) { return a.first > b.first; });
  Json out = Json::array();
  for (std::size_t i = 0; i < std::min<std::size_t>(2, parts.size()); ++i)
    out.push_back(fmt::format("{}: {:.1f} % of the step", parts[i].second, 100 * parts[i].first / step_s));
  const MemoryPlan& memory = inputs.plan.memory;
  out.push_back(fmt::format("memory: {:.1f} of {:.1f} GiB", (memory.peak() + memory.reserve).value() / kGiB,
                            memory.capacity.value() / kGiB));
  return out;
}

/// Steps of one layout with one input after the other at its low and its high end.
struct Ends {
  std::vector<VariedInput> inputs;  ///< those with stated ends
  double step_s = 0;
  std::vector<std::array<double, 2>> ends_s;  ///< [num_inputs]
};

Ends ends_of(const TrainingInputs& inputs, int threads) {
  Ends out;
  std::vector<std::size_t> places;
  const std::vector<VariedInput> all = varied_inputs(inputs);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].stated || all[i].low == all[i].high) continue;
    places.push_back(i);
    out.inputs.push_back(all[i]);
  }
  out.ends_s.resize(out.inputs.size());
  out.step_s = step_seconds(inputs, {});
  in_parallel(2 * places.size(), threads, [&](std::size_t job) {
    const std::size_t i = job / 2;
    const double value = job % 2 == 0 ? out.inputs[i].low : out.inputs[i].high;
    out.ends_s[i][job % 2] = step_seconds(with_values(inputs, {{places[i], value}}), {});
  });
  return out;
}

}  // namespace

Json layouts_compared(const TrainingInputs& winner, const TrainingInputs* runner_up,
                      const TrainingInputs* own, int threads) {
  const std::array<const TrainingInputs*, 3> layouts{&winner, runner_up, own};
  std::array<Json, 3> waterfalls;
  in_parallel(layouts.size(), threads, [&](std::size_t i) {
    if (layouts[i] != nullptr) waterfalls[i] = training_waterfall(*layouts[i]);
  });
  Json rows = Json::array();
  for (std::size_t row = 0; row < waterfalls[0].size(); ++row) {
    const auto seconds = [&](std::size_t i) {
      return layouts[i] == nullptr ? Json(nullptr) : waterfalls[i].at(row).at("seconds");
    };
    rows.push_back({{"part", waterfalls[0][row].at("name")},
                    {"winner_s", seconds(0)},
                    {"runner_up_s", seconds(1)},
                    {"own_s", seconds(2)}});
  }
  return {{"rows", rows}, {"limited_by", limits_of(winner, waterfalls[0])}};
}

Json assumptions_behind(const TrainingInputs& winner, const TrainingInputs& other, int threads) {
  const Ends ours = ends_of(winner, threads);
  const Ends theirs = ends_of(other, threads);
  const double gain = 1 - ours.step_s / theirs.step_s;
  std::vector<std::pair<double, Json>> moved;
  for (std::size_t i = 0; i < ours.inputs.size(); ++i) {
    const VariedInput& input = ours.inputs[i];
    const auto found = std::ranges::find(theirs.inputs, input.name, &VariedInput::name);
    if (found == theirs.inputs.end()) continue;
    const auto& other_ends = theirs.ends_s[static_cast<std::size_t>(found - theirs.inputs.begin())];
    const double low = 1 - ours.ends_s[i][0] / other_ends[0];
    const double high = 1 - ours.ends_s[i][1] / other_ends[1];
    const double most = std::max(std::abs(low - gain), std::abs(high - gain));
    if (most < kShownGain) continue;
    moved.emplace_back(most, Json{{"name", input.name},
                                  {"owner", input.owner},
                                  {"provenance", input.provenance},
                                  {"low", input.low},
                                  {"high", input.high},
                                  {"gain_low", low},
                                  {"gain_high", high}});
  }
  std::ranges::stable_sort(moved, [](const auto& a, const auto& b) { return a.first > b.first; });
  Json assumptions = Json::array();
  for (std::size_t i = 0; i < std::min(kMostAssumptions, moved.size()); ++i)
    assumptions.push_back(moved[i].second);
  return {{"gain_fraction", gain}, {"assumptions", assumptions}};
}

}  // namespace moesim
