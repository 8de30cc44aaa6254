// Drawing timelines of many spans: the picture, as its thread does it, and what the GUI thread does of it.
#include <benchmark/benchmark.h>

#include <QApplication>
#include <memory>
#include <random>
#include <vector>

#include "bench/gui_widgets/offscreen.hpp"
#include "gui/widgets/timeline_picture.hpp"
#include "gui/widgets/timeline_widget.hpp"
#include "reports/pictures/theme.hpp"

namespace moesim::gui {
namespace {

constexpr int kWidth = 1600;
constexpr int kHeight = 1024;
constexpr std::size_t kNumRows = 256;

/// Spans of 128 GPUs with two lanes each, a gap after every tenth, in the order of a run.
SpanScenePtr sceneOf(std::size_t num) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> length(0.5e-3, 1.5e-3);
  std::vector<double> now(kNumRows);
  std::vector<Span> spans(num);
  for (std::size_t i = 0; i < num; ++i) {
    const std::size_t row = i % kNumRows;
    const std::size_t turn = i / kNumRows;
    const double start = now[row] + (turn % 10 == 0 ? 1e-3 : 0);
    now[row] = start + length(random);
    const auto gpu = static_cast<std::int32_t>(row / 2);
    spans[i] = {start,
                now[row],
                gpu,
                gpu,
                static_cast<std::int16_t>(turn % 61),
                static_cast<std::uint16_t>(turn / 200 % 128),
                static_cast<std::uint8_t>(turn % 10),
                static_cast<std::uint8_t>(row % 2),
                0};
  }
  RunParts parts;
  parts.names.lanes = {"computation", "communication"};
  parts.timeline = std::make_shared<const pictures::SpanTimeline>(std::move(spans));
  const auto document = std::make_shared<const RunDocument>(std::move(parts));
  return wholeScene(bareScene(document), {}, [] { return true; });
}

SpanScenePtr scene(std::size_t num) {
  static std::size_t held = 0;
  static SpanScenePtr scene;
  if (held != num) scene.reset();
  if (!scene) scene = sceneOf(num);
  held = num;
  return scene;
}

/// A picture of 256 rows, idle time and exposed communication marked, over 1/n of the time.
void BM_DrawTimeline(benchmark::State& state) {
  startOffscreen();
  TimelineDrawing drawing;
  drawing.scene = scene(static_cast<std::size_t>(state.range(0)));
  drawing.colors = TimelineColors(*drawing.scene, ColorBy::phase, pictures::kThemes[0]);
  const pictures::SpanTimeline& timeline = drawing.scene->timeline();
  const double length = (timeline.end_s() - timeline.start_s()) / static_cast<double>(state.range(1));
  const double start = timeline.start_s() + 0.3 * (timeline.end_s() - timeline.start_s() - length);
  drawing.window = {start, start + length, kWidth};
  drawing.height = kHeight;
  constexpr int kRowHeight = kHeight / static_cast<int>(kNumRows);
  for (std::size_t row = 0; row < kNumRows; ++row)
    drawing.strokes.append({row, static_cast<int>(row) * kRowHeight, kRowHeight, 0, row % 2 == 0});
  for (auto unused : state) benchmark::DoNotOptimize(drawTimeline(drawing).constBits());
}
BENCHMARK(BM_DrawTimeline)
    ->ArgsProduct({{1'000'000, 10'000'000}, {1, 3, 10, 100}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()  // of all threads
    ->UseRealTime();

/// What a changed time costs the GUI thread: a request, and painting of the picture that is there.
void BM_GuiThread(benchmark::State& state) {
  startOffscreen();
  ViewState view;
  const SpanScenePtr shown = scene(static_cast<std::size_t>(state.range(0)));
  view.setFullRange({shown->timeline().start_s(), shown->timeline().end_s()});
  TimelineWidget widget(view, 0);
  widget.resize(kWidth, kHeight);
  widget.setScene(shown);
  widget.show();
  while (!widget.isReady()) QApplication::processEvents();
  QImage image(widget.size(), QImage::Format_RGB32);
  double zoom = 1;
  for (auto unused : state) {
    zoom = zoom > 100 ? 1 : zoom * 1.2;
    view.setTimeRange({0, shown->timeline().end_s() / zoom}, true);
    widget.viewport()->render(&image);
  }
  while (!widget.isReady()) QApplication::processEvents();
}
BENCHMARK(BM_GuiThread)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim::gui
