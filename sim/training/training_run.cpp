#include "sim/training/training_run.hpp"

#include <nlohmann/json.hpp>

#include "sim/engine/replay/replay_engine.hpp"
#include "sim/engine/simgrid/simgrid_engine.hpp"
#include "sim/training/batch_run.hpp"
#include "sim/training/layer_pair.hpp"
#include "sim/training/training_summary.hpp"

namespace moesim {

std::unique_ptr<Engine> make_engine(EngineKind kind) {
  switch (kind) {
    case EngineKind::simgrid:
      return make_simgrid_engine();
    case EngineKind::replay:
      return make_replay_engine();
  }
  return nullptr;
}

std::unique_ptr<TrainingStep> replay_step(const TrainingInputs& inputs, int threads, RecordSink& sink,
                                          const std::function<void(double)>& progress) {
  auto replayed = std::make_unique<TrainingStep>();
  replayed->step = build_step(inputs, {});
  replayed->input = engine_input(inputs, replayed->step, {}, threads);
  replayed->input.progress = progress;
  replayed->result = make_engine(inputs.scenario.engine)->run(replayed->input, sink);
  return replayed;
}

namespace {

/// Facility power of one GPU, mean over the step.
double mean_facility_watts(const Json& summary) {
  return summary.at("energy_J_per_token").get<double>() * summary.at("tokens_per_s_per_gpu").get<double>();
}

}  // namespace

Json whole_summary(const TrainingInputs& inputs, const TrainingStep& step) {
  Json summary = training_summary(inputs, step.step, step.result, replay_layer_pair(inputs));
  if (inputs.scenario.routing.mode != RoutingMode::balanced) {
    summary["balanced_routing"] = balanced_routing_json(inputs, step.input.threads);
  }
  if (inputs.routed) {
    const double balanced_s = summary["balanced_routing"]["step_time_s"].get<double>();
    summary["imbalance_cost_fraction"] = step.result.makespan_s / balanced_s - 1;
  }
  if (inputs.recipe().batch_schedule) summary["run"] = batch_run_json(inputs, mean_facility_watts(summary));
  return summary;
}

double step_seconds(const TrainingInputs& inputs, const StepParts& parts) {
  TrainingInputs representative = inputs;
  representative.scenario.gpus = GpuDetail::representative;
  return replayed_seconds(representative, parts, 1);
}

double replayed_seconds(const TrainingInputs& inputs, const StepParts& parts, int threads) {
  const StepGraph step = build_step(inputs, parts);
  return replay_makespan_s(engine_input(inputs, step, parts, threads));
}

}  // namespace moesim
