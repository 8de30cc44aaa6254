#include <benchmark/benchmark.h>

#include <vector>

#include "base/random.hpp"
#include "sim/load/traffic_matrix.hpp"

namespace moesim {
namespace {

constexpr std::size_t kTokens = 4096;

/// 4096 tokens with 8 choices each, `range(0)` GPUs in nodes of 8; the source is the same for 64 tokens.
void add_tokens(benchmark::State& state, DispatchMode mode) {
  const auto num_gpus = static_cast<std::uint64_t>(state.range(0));
  std::vector<std::uint16_t> chosen(kTokens * 8);
  RandomStream random(1, stream_of("traffic_bench"));
  for (auto& gpu : chosen) gpu = static_cast<std::uint16_t>(random.below(num_gpus));
  TrafficMatrix matrix(static_cast<int>(num_gpus), 8, mode);
  for (auto _ : state) {
    for (std::size_t token = 0; token < kTokens; ++token) {
      matrix.add(static_cast<int>(token / 64 % num_gpus), std::span(chosen).subspan(token * 8, 8));
    }
    benchmark::DoNotOptimize(matrix.num_tokens());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(matrix.num_tokens()));
}

void BM_AddNormal(benchmark::State& state) {
  add_tokens(state, DispatchMode::normal);
}
BENCHMARK(BM_AddNormal)->Arg(64)->Arg(320)->Unit(benchmark::kMicrosecond);

void BM_AddLowLatency(benchmark::State& state) {
  add_tokens(state, DispatchMode::low_latency);
}
BENCHMARK(BM_AddLowLatency)->Arg(64)->Arg(320)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace moesim
