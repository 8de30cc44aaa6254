#include <benchmark/benchmark.h>

#include "sim/engine/replay/replay_engine.hpp"
#include "tests/sim_engine_replay/pipeline_step.hpp"

namespace moesim {
namespace {

/// Arguments: members, columns, spread of GPU speeds in per mille, jitter in per mille, threads.
void BM_ReplayDualPipe(benchmark::State& state) {
  const test::PipelineStep step({ScheduleKind::dualpipe, 16, 120}, 4);
  const auto arg = [&](int i) { return static_cast<int>(state.range(i)); };
  EngineInput input = step.input(arg(0), arg(1), arg(2) / 1000.0);
  input.jitter_sigma = arg(3) / 1000.0;
  input.threads = arg(4);
  NullSink sink;
  const auto engine = make_replay_engine();
  std::uint64_t operations = 0;
  for (auto _ : state) {
    const EngineResult result = engine->run(input, sink);
    benchmark::DoNotOptimize(result.makespan_s);
    operations += result.num_operations;
  }
  state.counters["operations"] =
      benchmark::Counter(static_cast<double>(operations), benchmark::Counter::kIsRate);
  state.counters["per_run"] = static_cast<double>(operations) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_ReplayDualPipe)
    ->ArgNames({"members", "columns", "spread", "jitter", "threads"})
    ->Args({1, 1, 0, 0, 1})     // representatives
    ->Args({64, 2, 0, 0, 2})    // 2048 GPUs alike
    ->Args({64, 2, 50, 0, 2})   // 2048 GPUs
    ->Args({64, 2, 50, 15, 2})  // with jitter
    ->Args({64, 16, 50, 0, 2})  // 16,384 GPUs
    ->Args({64, 98, 50, 0, 2})  // 100,352 GPUs
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace moesim
