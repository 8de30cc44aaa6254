#pragma once

#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// Part of a batch schedule that runs with one number of sequences a step.
struct BatchLevel {
  std::int64_t global_batch = 0;
  double tokens = 0;
  std::size_t phase = 0;     ///< of recipe.batch_schedule
  bool on_fallback = false;  ///< the layout's own schedule does not take so few micro-batches
};

/// Levels of recipe.batch_schedule in order: a ramp takes every batch between its ends that the layout's
/// schedule takes, each for the same number of tokens. Throws PlanError for levels that neither the layout
/// nor recipe.fallback runs.
std::vector<BatchLevel> batch_levels(const TrainingInputs& inputs);

/// The whole run of recipe.batch_schedule: {tokens, steps, days, gpu_hours, gpu_hours_per_trillion_tokens,
/// cost_usd, fallback_tokens_fraction, phases [...]}. Steps of representative GPUs; between five replayed
/// batches of a phase step times are interpolated.
/// `gpu_watts`: facility power of a GPU in every step, for prices that charge power.
Json batch_run_json(const TrainingInputs& inputs, double gpu_watts);

}  // namespace moesim
