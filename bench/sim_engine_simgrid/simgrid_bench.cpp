#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "sim/engine/replay/replay_engine.hpp"
#include "sim/engine/simgrid/simgrid_engine.hpp"
#include "tests/sim_engine_replay/pipeline_step.hpp"

namespace moesim {
namespace {

/// Arguments: members, micro-batches, layers a stage. 16 ranks, DualPipe from 32 micro-batches on, else 1F1B;
/// speeds differ by 5 %. `deviation` is the largest of any GPU's end from replay's, over the makespan.
void BM_SimgridStep(benchmark::State& state) {
  const auto arg = [&](int i) { return static_cast<int>(state.range(i)); };
  const ScheduleKind kind = arg(1) >= 32 ? ScheduleKind::dualpipe : ScheduleKind::one_f_one_b;
  const test::PipelineStep step({kind, 16, arg(1)}, arg(2), true);
  const EngineInput input = step.input(arg(0), 1, 0.05);
  NullSink sink;
  const auto engine = make_simgrid_engine();
  EngineResult result;
  for (auto _ : state) {
    result = engine->run(input, sink);
    benchmark::DoNotOptimize(result.makespan_s);
  }
  const EngineResult replayed = make_replay_engine()->run(input, sink);
  double deviation = 0;
  for (std::size_t i = 0; i < result.gpu_end_s.size(); ++i) {
    deviation = std::max(deviation, std::abs(result.gpu_end_s[i] - replayed.gpu_end_s[i]));
  }
  const auto operations = static_cast<double>(result.num_operations);
  state.counters["operations"] =
      benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["per_run"] = operations;
  state.counters["deviation"] = deviation / replayed.makespan_s;
}
BENCHMARK(BM_SimgridStep)
    ->ArgNames({"members", "microbatches", "layers"})
    ->Args({1, 120, 4})  // representatives
    ->Args({8, 20, 1})   // 128 GPUs
    ->Args({16, 20, 1})  // 256
    ->Args({64, 20, 1})  // 1024
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace moesim
