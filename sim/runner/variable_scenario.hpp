#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "sim/results/varied_input.hpp"

namespace moesim {

/// A scenario of any kind whose inputs can be changed.
struct VariableScenario {
  std::vector<VariedInput> inputs;
  std::string engine;  ///< what gives the summaries, for readers
  /// The summary with other values of some inputs. Called from several threads.
  std::function<Json(const InputValues& values)> summary;
};

inline constexpr int kNumReplays = 64;

/// The triangular distribution over [low, high] with its mode at the value: the value that a share `u` of
/// draws stays below.
double triangular(const VariedInput& input, double u);

/// Values of every input with stated ends, drawn independently by (seed, name, draw).
InputValues drawn_values(const std::vector<VariedInput>& inputs, std::uint64_t seed, std::uint64_t draw);

/// {engine, replays, num_inputs, p10, p50, p90} over kNumReplays draws; the last three have the shape of the
/// summary, with its numbers alone. The result does not depend on `threads`.
Json summary_spread(const VariableScenario& scenario, std::uint64_t seed, int threads);

/// What each input alone makes of a figure (dotted path into the summary) at either end: {figure, value,
/// engine, inputs: [{name, owner, unit, provenance, varied, value, low_value, high_value, low, high, span}],
/// without_effect: [names]}, the inputs by falling span, that is greatest less least of low, high and value.
/// Throws RunError for a figure that the summary lacks, with the nearest. Independent of `threads`.
Json sensitivity(const VariableScenario& scenario, const std::string& figure, int threads,
                 const std::function<void(double fraction, std::string_view what)>& progress = {});

}  // namespace moesim
