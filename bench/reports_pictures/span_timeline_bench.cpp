#include <benchmark/benchmark.h>

#include <memory>
#include <random>
#include <vector>

#include "reports/pictures/span_timeline.hpp"

namespace moesim::pictures {
namespace {

constexpr int kWidth = 1600;
constexpr int kRows = 256;

/// Spans that follow each other in 256 rows with gaps, in the order of their ends as records are.
std::vector<Span> spans(std::size_t num) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> length(0.5e-3, 1.5e-3);
  std::vector<double> now(kRows);
  std::vector<Span> all(num);
  for (std::size_t i = 0; i < num; ++i) {
    const std::size_t row = i % kRows;
    const double start = now[row] + (i / kRows % 10 == 0 ? 1e-3 : 0);
    now[row] = start + length(random);
    all[i] = {start,
              now[row],
              static_cast<int>(row / 2),
              0,
              static_cast<std::int16_t>(i / kRows % 61),
              static_cast<std::uint16_t>(i / kRows / 200 % 128),
              static_cast<std::uint8_t>(i / kRows % 10),
              static_cast<std::uint8_t>(row % 2),
              0};
  }
  return all;
}

const SpanTimeline& timeline(std::size_t num) {
  static std::size_t held = 0;
  static std::unique_ptr<const SpanTimeline> timeline;
  if (held != num) timeline.reset();
  if (!timeline) timeline = std::make_unique<const SpanTimeline>(spans(num));
  held = num;
  return *timeline;
}

void BM_MakeTimeline(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto all = spans(static_cast<std::size_t>(state.range(0)));
    state.ResumeTiming();
    const SpanTimeline made(std::move(all));
    benchmark::DoNotOptimize(made.rows().size());
  }
}
BENCHMARK(BM_MakeTimeline)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

/// All rows of a window of 1/n of the time.
void BM_DrawRows(benchmark::State& state) {
  const SpanTimeline& drawn = timeline(static_cast<std::size_t>(state.range(0)));
  const double length = (drawn.end_s() - drawn.start_s()) / static_cast<double>(state.range(1));
  const double start = drawn.start_s() + 0.3 * (drawn.end_s() - drawn.start_s() - length);
  const TimeWindow window{start, start + length, kWidth};
  std::vector<SpanPixel> pixels;
  for (auto _ : state) {
    for (std::size_t row = 0; row < drawn.rows().size(); ++row) {
      pixels.assign(kWidth, {});
      drawn.draw(row, window, pixels);
      benchmark::DoNotOptimize(pixels.data());
    }
  }
}
BENCHMARK(BM_DrawRows)
    ->ArgsProduct({{1'000'000, 10'000'000}, {1, 2, 5, 10, 30, 100, 10'000}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim::pictures
