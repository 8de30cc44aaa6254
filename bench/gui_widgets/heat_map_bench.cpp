#include <benchmark/benchmark.h>

#include <QImage>
#include <vector>

#include "bench/gui_widgets/offscreen.hpp"
#include "gui/widgets/heat_map_widget.hpp"
#include "reports/pictures/lod_pyramid.hpp"

namespace moesim::gui {
namespace {

constexpr int kExperts = 256;
constexpr int kSteps = 5000;

template <class Pyramid>
HeatMapWidget::CellsPtr cells(float offset) {
  auto pyramid = std::make_shared<Pyramid>(kExperts);
  std::vector<float> column(kExperts);
  for (int step = 0; step < kSteps; ++step) {
    for (int expert = 0; expert < kExperts; ++expert)
      column[static_cast<std::size_t>(expert)] =
          static_cast<float>((step * 7919 + expert * 104729) % 1000) / 500 + offset;
    pyramid->append(column);
  }
  return pyramid;
}

/// A heat map whose plot has 1600 x 700 pixels.
void prepare(HeatMapWidget& map, const HeatMapWidget::CellsPtr& shown) {
  map.setColumnAxis({QStringLiteral("step"), kSteps, {}, {}});
  map.setRowAxis({QStringLiteral("expert"), kExperts, {}, {}});
  map.setCells(shown);
  map.resize(1000, 500);
  map.resize(1000 + 1600 - map.plotRect().width(), 500 + 700 - map.plotRect().height());
}

/// Draws everything anew, as after a change of the window of steps by one step to and fro.
void redraw(benchmark::State& state, HeatMapWidget& map) {
  const double length = static_cast<double>(kSteps) / static_cast<double>(state.range(0));
  const double first = 0.3 * (kSteps - length);
  QImage target(map.size(), QImage::Format_RGB32);
  const HeatMapWidget::CellsPtr shown = map.cells();
  map.setColumnWindow({first, first + length});
  for (auto _ : state) {
    map.setCells(shown);  // nothing is kept of the picture before
    map.render(&target);
  }
}

void BM_HeatMap(benchmark::State& state, bool isLogarithmic) {
  startOffscreen();
  HeatMapWidget map;
  prepare(map, cells<pictures::LodPyramid>(0.01F));
  map.setColors(pictures::sequential_map(), {isLogarithmic ? 0.1 : 0.0, 2, isLogarithmic});
  redraw(state, map);
}
BENCHMARK_CAPTURE(BM_HeatMap, linear, false)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_HeatMap, logarithmic, true)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

void BM_DifferenceMap(benchmark::State& state) {
  startOffscreen();
  HeatMapWidget map;
  prepare(map, cells<pictures::DifferencePyramid>(-1));
  map.setColors(pictures::diverging_map(), {-1, 1, false});
  redraw(state, map);
}
BENCHMARK(BM_DifferenceMap)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim::gui
