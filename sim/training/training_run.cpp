#include "sim/training/training_run.hpp"

#include "sim/engine/replay/replay_engine.hpp"
#include "sim/engine/simgrid/simgrid_engine.hpp"

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

double step_seconds(const TrainingInputs& inputs, const StepParts& parts) {
  TrainingInputs representative = inputs;
  representative.scenario.gpus = GpuDetail::representative;
  const StepGraph step = build_step(representative, parts);
  const EngineInput input = engine_input(representative, step, parts, 1);
  NullSink sink;
  return make_replay_engine()->run(input, sink).makespan_s;
}

}  // namespace moesim
