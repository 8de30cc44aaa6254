#include <benchmark/benchmark.h>

#include <vector>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/routing/rebalance.hpp"

namespace moesim {
namespace {

constexpr int kLayers = 58;
constexpr EplbSpec kPrefill{288, 8, 4, 32};

/// Loads of 256 experts in each of the 58 MoE layers of DeepSeek-V3, spread 0.986.
std::vector<std::vector<double>> loads() {
  std::vector<std::vector<double>> layers(kLayers);
  RandomStream random(1, stream_of("placement_bench"));
  for (auto& layer : layers) {
    for (int e = 0; e < 256; ++e) layer.push_back(128 * exp_det(0.986 * random.normal()));
  }
  return layers;
}

/// One time is that of 58 layers.
void BM_Eplb(benchmark::State& state) {
  const auto layers = loads();
  for (auto _ : state) {
    for (const auto& layer : layers) {
      benchmark::DoNotOptimize(eplb_placement(layer, kPrefill).slot_expert.data());
    }
  }
}
BENCHMARK(BM_Eplb)->Unit(benchmark::kMillisecond);

void BM_GpuLoad(benchmark::State& state) {
  const auto layers = loads();
  const ExpertPlacement placement = eplb_placement(layers.front(), kPrefill);
  for (auto _ : state) {
    for (const auto& layer : layers) benchmark::DoNotOptimize(gpu_load(placement, layer).data());
  }
}
BENCHMARK(BM_GpuLoad)->Unit(benchmark::kMillisecond);

/// One layer: a step into the window, and a plan with its moves from a window of 1000 steps.
void BM_Replan(benchmark::State& state) {
  const auto layers = loads();
  Rebalancer balance({kPrefill, static_cast<int>(state.range(0)), 1000, 0},
                     contiguous_placement({256, 288, 32, 8}));
  std::size_t step = 0;
  for (auto _ : state) benchmark::DoNotOptimize(balance.end_step(layers[step++ % kLayers]).has_value());
}
BENCHMARK(BM_Replan)->Arg(1)->Arg(1000000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace moesim
