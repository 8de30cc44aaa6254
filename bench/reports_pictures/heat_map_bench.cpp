#include <benchmark/benchmark.h>

#include <vector>

#include "reports/pictures/lod_pyramid.hpp"
#include "reports/pictures/max_raster.hpp"

namespace moesim::pictures {
namespace {

constexpr int kExperts = 256;
constexpr int kSteps = 5000;
constexpr int kWidth = 1600;
constexpr int kHeight = 700;

/// A column for each step, all different.
std::vector<std::vector<float>> loads() {
  std::vector<std::vector<float>> columns(kSteps, std::vector<float>(kExperts));
  for (int step = 0; step < kSteps; ++step) {
    for (int expert = 0; expert < kExperts; ++expert)
      columns[static_cast<std::size_t>(step)][static_cast<std::size_t>(expert)] =
          static_cast<float>((step * 7919 + expert * 104729) % 1000) / 500;
  }
  return columns;
}

void BM_GrowPyramid(benchmark::State& state) {
  const auto columns = loads();
  for (auto _ : state) {
    LodPyramid pyramid(kExperts);
    for (const auto& column : columns) pyramid.append(column);
    benchmark::DoNotOptimize(pyramid.num_columns());
  }
}
BENCHMARK(BM_GrowPyramid)->Unit(benchmark::kMillisecond);

/// A window of 1/n of the steps and of all experts, redrawn.
void BM_DrawWindow(benchmark::State& state) {
  LodPyramid pyramid(kExperts);
  for (const auto& column : loads()) pyramid.append(column);
  std::vector<float> pixels(kWidth * kHeight);
  const double share = static_cast<double>(kSteps) / static_cast<double>(state.range(0));
  const HeatMapWindow window{
      0.3 * (kSteps - share), 0.3 * (kSteps - share) + share, 0, kExperts, kWidth, kHeight};
  for (auto _ : state) {
    pyramid.draw(window, pixels);
    benchmark::DoNotOptimize(pixels.data());
  }
}
BENCHMARK(BM_DrawWindow)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

void BM_StreamRaster(benchmark::State& state) {
  const auto columns = loads();
  for (auto _ : state) {
    MaxRaster raster(kWidth, kHeight, kSteps, kExperts);
    for (int step = 0; step < kSteps; ++step) raster.add(step, columns[static_cast<std::size_t>(step)]);
    benchmark::DoNotOptimize(raster.pixels().data());
  }
}
BENCHMARK(BM_StreamRaster)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim::pictures
