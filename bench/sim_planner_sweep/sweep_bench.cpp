// How a sweep scales with its workers, and what its coordinator needs. Two workers show their worth on a
// machine whose other processors are idle.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/planner/sweep/sweep.hpp"
#include "sim/runner/worker_pool.hpp"

namespace moesim {
namespace {

/// A training step of DeepSeek-V3 on 2,048 GPUs, replayed: some 80 ms of one processor.
constexpr const char* kScenario = "deepseek-v3-pretrain-2048xh800";

/// The scenario in each of `num_batches` sizes with each of `num_seeds` seeds; `tp` 0 makes cases that fail
/// before they are laid out.
Json grid_of(std::int64_t num_batches, std::int64_t num_seeds, int tp) {
  Json vary = {{"/engine", {"replay"}}, {"/layout/tp", {tp}}, {"/recipe/global_batch", Json::array()}};
  for (std::int64_t i = 1; i <= num_batches; ++i) vary["/recipe/global_batch"].push_back(15360 * i);
  Json grid = {{"schema_version", 1}, {"scenario", kScenario}, {"vary", vary}, {"seeds", Json::array()}};
  for (std::int64_t i = 0; i < num_seeds; ++i) grid["seeds"].push_back(i);
  return grid;
}

void sweep(const Json& document, int num_workers) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("moesim_bench_" + std::to_string(::getpid()) + ".sweep");
  std::filesystem::remove(file);
  const WorkerPool pool{{MOESIM_PROGRAM, "worker"}, num_workers, {}};
  run_sweep(SweepGrid(document, "grid.json"), file,
            [&](const RequestStream& stream) { run_request_stream(pool, stream); }, {});
  std::filesystem::remove(file);
}

void count_coordinator(benchmark::State& state) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_memory_MB"] = static_cast<double>(usage.ru_maxrss) / 1024;
  state.counters["own_cpu_s"] = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                                1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// 60 cases by the number of workers.
void BM_Workers(benchmark::State& state) {
  constexpr std::int64_t kNumCases = 60;
  const Json grid = grid_of(1, kNumCases, 1);
  for (auto _ : state) sweep(grid, static_cast<int>(state.range(0)));
  state.SetItemsProcessed(state.iterations() * kNumCases);
  count_coordinator(state);
}
BENCHMARK(BM_Workers)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1)
    ->Repetitions(3);

/// Cases that fail at once: what the coordinator does, and its memory, by their number.
void BM_Cases(benchmark::State& state) {
  const Json grid = grid_of(100, state.range(0) / 100, 0);
  for (auto _ : state) sweep(grid, 2);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  count_coordinator(state);
}
BENCHMARK(BM_Cases)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

}  // namespace
}  // namespace moesim
