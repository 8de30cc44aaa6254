#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "workloads/affinity/affinity_source.hpp"

namespace moesim {
namespace {

constexpr std::size_t kChunk = 256;  // tokens of a call, whose logits stay in the L2 cache
constexpr std::int64_t kBatch = 16384;

AffinitySpec with_all_parts(double concentration) {
  AffinitySpec spec;
  spec.popularity.law = PopularityLaw::logit_normal;
  spec.popularity.sigma = 0.5;
  spec.topics = {16, 0.5, concentration, 4096};
  spec.persistence.correlation = 0.2;
  return spec;
}

void run(benchmark::State& state, const AffinitySpec& spec, BatchMode mode, std::size_t num_slots = 0) {
  const auto experts = static_cast<int>(state.range(0));
  const auto pool = std::make_shared<const NoisePool>(experts, 1, static_cast<int>(state.range(1)));
  LayerAffinities layer(spec, experts, 1, 0, pool, mode);
  layer.begin_step(0, num_slots);
  std::vector<float> logits(kChunk * static_cast<std::size_t>(experts));
  std::int64_t first = 0;
  for (auto _ : state) {
    layer.logits(first, kChunk, logits);
    benchmark::DoNotOptimize(logits.data());
    benchmark::ClobberMemory();
    first = (first + static_cast<std::int64_t>(kChunk)) % kBatch;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kChunk));
}

void BM_TokenNoiseAlone(benchmark::State& state) {
  run(state, AffinitySpec{}, BatchMode::training);
}
BENCHMARK(BM_TokenNoiseAlone)->Args({256, 256})->Args({256, 1024})->Args({64, 256});

void BM_AllParts(benchmark::State& state) {
  run(state, with_all_parts(0), BatchMode::training);
}
BENCHMARK(BM_AllParts)->Args({256, 256})->Args({64, 256});

void BM_AllPartsMixed(benchmark::State& state) {
  run(state, with_all_parts(0.1), BatchMode::training);
}
BENCHMARK(BM_AllPartsMixed)->Args({256, 256});

void BM_Decode(benchmark::State& state) {
  run(state, with_all_parts(0), BatchMode::decode);
}
BENCHMARK(BM_Decode)->Args({256, 256});

void BM_DecodeMixed(benchmark::State& state) {
  run(state, with_all_parts(0.1), BatchMode::decode);
}
BENCHMARK(BM_DecodeMixed)->Args({256, 256});

void BM_DecodeKeptMixtures(benchmark::State& state) {
  run(state, with_all_parts(0.1), BatchMode::decode, kBatch);
}
BENCHMARK(BM_DecodeKeptMixtures)->Args({256, 256});

void BM_BeginStep(benchmark::State& state) {
  AffinitySpec spec = with_all_parts(0);
  spec.drift = 0.01;
  LayerAffinities layer(spec, 256, 1, 0, nullptr);
  std::int64_t step = 0;
  for (auto _ : state) layer.begin_step(step++);
}
BENCHMARK(BM_BeginStep);

void BM_MakePool(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(NoisePool(256, 1).num_rows());
}
BENCHMARK(BM_MakePool)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim
