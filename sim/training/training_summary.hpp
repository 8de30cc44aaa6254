#pragma once

#include <optional>

#include "base/json.hpp"
#include "sim/engine/engine.hpp"
#include "sim/training/layer_pair.hpp"
#include "sim/training/step_graph.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// The keys of a training summary; how each is derived is in docs/metrics.md.
Json training_summary(const TrainingInputs& inputs, const StepGraph& step, const EngineResult& result,
                      const std::optional<LayerPair>& pair);

/// The same step with every expert alike, of the same GPUs: {step_time_s, gpu_hours_per_trillion_tokens}.
Json balanced_routing_json(const TrainingInputs& inputs, int threads);

/// Shares of simulated GPU time by origin: measured, published, derived, assumed (fitted time included).
Json provenance_json(const StepGraph& step, const EngineInput& input);

/// Rates that follow from the time of a step.
struct StepRates {
  double tokens_per_s = 0;
  double tokens_per_s_per_gpu = 0;
  double gpu_hours_per_trillion_tokens = 0;
};
StepRates step_rates(const TrainingInputs& inputs, double step_s);

}  // namespace moesim
