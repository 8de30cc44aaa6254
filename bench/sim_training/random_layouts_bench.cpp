// Random valid training layouts, laid out, priced and replayed by representatives: seconds for 1,000.
#include <benchmark/benchmark.h>

#include <array>
#include <thread>

#include "sim/training/training_run.hpp"
#include "tests/sim_training/random_layouts.hpp"

namespace moesim {
namespace {

constexpr int kNumThreads = 2;

/// A share of the layouts, from a seed of its own.
void run_share(std::uint64_t seed, std::int64_t num, std::uint64_t& tried) {
  test::RandomLayouts layouts(seed);
  NullSink sink;
  for (std::int64_t i = 0; i < num; ++i) {
    benchmark::DoNotOptimize(replay_step(layouts.next(), 1, sink)->result.makespan_s);
  }
  tried = layouts.num_tried();
}

void BM_RandomLayouts(benchmark::State& state) {
  std::array<std::uint64_t, kNumThreads> tried{};
  for (auto _ : state) {
    std::array<std::jthread, kNumThreads> threads;
    for (std::size_t t = 0; t < threads.size(); ++t) {
      threads[t] = std::jthread(run_share, t + 1, state.range(0) / kNumThreads, std::ref(tried[t]));
    }
  }
  state.counters["layouts"] = static_cast<double>(state.range(0));
  state.counters["tried"] = static_cast<double>(tried[0] + tried[1]);
}

BENCHMARK(BM_RandomLayouts)->Arg(1000)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace moesim
