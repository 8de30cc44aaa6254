// One DeepSeek-V3 step, from the scenario to the result. peak_MB is the largest resident set of the process
// so far: run one benchmark at a time (--benchmark_filter) to read it.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/variation.hpp"
#include "sim/training/waterfall.hpp"

namespace moesim {
namespace {

constexpr int kGpusPerNode = 8;

/// The shipped scenario on `num_gpus` GPUs, with as many sequences for each as on 2048.
TrainingScenario scenario(std::int64_t num_gpus, EngineKind engine, GpuDetail gpus) {
  const auto file = find_data("workloads/scenarios/deepseek-v3-pretrain-2048xh800.json");
  auto read = read_spec_file<TrainingScenario>(file);
  read.cluster.text =
      fmt::format(R"({{"base": "h800-2048", "num_nodes": {}, "network": {{"switch_radix": 256}}}})",
                  num_gpus / kGpusPerNode);
  read.recipe.global_batch = 15360 * num_gpus / 2048;
  read.engine = engine;
  read.gpus = gpus;
  return read;
}

void count(benchmark::State& state, const TrainingStep& step) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto operations = static_cast<double>(step.result.num_operations);
  state.counters["operations"] = operations;
  state.counters["operations_per_s"] =
      benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["step_s"] = step.result.makespan_s;
  state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1000;
}

/// Reading, planning, pricing and replaying.
void run_scenario(benchmark::State& state, const TrainingScenario& read) {
  NullSink sink;
  std::unique_ptr<TrainingStep> step;
  for (auto _ : state) {
    step = replay_step(load_training(read, "", {}), 2, sink);
    benchmark::DoNotOptimize(step->result.makespan_s);
  }
  count(state, *step);
}

void run_step(benchmark::State& state, EngineKind engine, GpuDetail gpus) {
  run_scenario(state, scenario(state.range(0), engine, gpus));
}

void BM_RepresentativesSimgrid(benchmark::State& state) {
  run_step(state, EngineKind::simgrid, GpuDetail::representative);
}
void BM_RepresentativesReplay(benchmark::State& state) {
  run_step(state, EngineKind::replay, GpuDetail::representative);
}
void BM_EveryGpuReplay(benchmark::State& state) {
  run_step(state, EngineKind::replay, GpuDetail::every);
}

/// The shipped scenario with its loads from the gate, and with balanced ones: reading, routing, planning,
/// pricing and replaying.
void run_routing(benchmark::State& state, EngineKind engine, bool simulated) {
  const auto file = find_data("workloads/scenarios/deepseek-v3-pretrain-2048xh800-simulated-routing.json");
  auto read = read_spec_file<TrainingScenario>(file);
  read.engine = engine;
  if (!simulated) read.routing = {};
  run_scenario(state, read);
}

void BM_BalancedReplay(benchmark::State& state) {
  run_routing(state, EngineKind::replay, false);
}
void BM_SimulatedReplay(benchmark::State& state) {
  run_routing(state, EngineKind::replay, true);
}
void BM_BalancedSimgrid(benchmark::State& state) {
  run_routing(state, EngineKind::simgrid, false);
}
void BM_SimulatedSimgrid(benchmark::State& state) {
  run_routing(state, EngineKind::simgrid, true);
}

/// Pricing and replaying representatives: what a sweep repeats.
void BM_ReplayAlone(benchmark::State& state) {
  const TrainingInputs inputs =
      load_training(scenario(2048, EngineKind::replay, GpuDetail::representative), "", {});
  for (auto _ : state) benchmark::DoNotOptimize(step_seconds(inputs, {}));
}

void BM_Waterfall(benchmark::State& state) {
  const TrainingInputs inputs =
      load_training(scenario(2048, EngineKind::replay, GpuDetail::representative), "", {});
  for (auto _ : state) benchmark::DoNotOptimize(training_waterfall(inputs));
}

BENCHMARK(BM_RepresentativesSimgrid)->Arg(2048)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_RepresentativesReplay)->Arg(2048)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_BalancedReplay)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_SimulatedReplay)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_BalancedSimgrid)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_SimulatedSimgrid)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_ReplayAlone)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_Waterfall)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_EveryGpuReplay)->Arg(2048)->Unit(benchmark::kSecond)->UseRealTime();
BENCHMARK(BM_EveryGpuReplay)
    ->Arg(16'384)
    ->Arg(100'352)
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->UseRealTime();

}  // namespace
}  // namespace moesim
