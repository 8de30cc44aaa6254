#pragma once

#include <functional>
#include <memory>

#include "base/json.hpp"
#include "sim/engine/engine.hpp"
#include "sim/training/step_graph.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

std::unique_ptr<Engine> make_engine(EngineKind kind);

/// A replayed step.
struct TrainingStep {
  StepGraph step;
  EngineInput input;  ///< of step.graph
  EngineResult result;
};

/// Replays one step with the scenario's engine and GPUs; `progress` as in EngineInput. Throws RunError.
std::unique_ptr<TrainingStep> replay_step(const TrainingInputs& inputs, int threads, RecordSink& sink,
                                          const std::function<void(double)>& progress = {});

/// The whole summary of a replayed step: training_summary() with the layer pair and, where routing is not
/// balanced, the same step of balanced routing.
Json whole_summary(const TrainingInputs& inputs, const TrainingStep& step);

/// Time of a step of representative GPUs with the replay engine, in seconds: 10 to 40 ms for DeepSeek-V3.
double step_seconds(const TrainingInputs& inputs, const StepParts& parts);

/// The same of the GPUs that the scenario asks for.
double replayed_seconds(const TrainingInputs& inputs, const StepParts& parts, int threads);

}  // namespace moesim
