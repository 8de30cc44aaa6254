// Opening a large result in the window: how long it takes, how long the GUI thread is ever held, and the
// memory.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <QEventLoop>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <cstdint>

#include "bench/gui_windows/offscreen.hpp"
#include "gui/views/view_kinds.hpp"
#include "gui/windows/main_window.hpp"
#include "sim/results/store.hpp"

namespace moesim::gui {
namespace {

constexpr std::int32_t kNumGpus = 128;
constexpr std::uint8_t kNumLanes = 2;

/// Spans of 128 GPUs by time, as a run writes them.
void writeSpans(const QString& path, std::int64_t numSpans) {
  StoreWriter writer(path.toStdString());
  constexpr std::int64_t kRows = kNumGpus * kNumLanes;
  for (std::int64_t i = 0; i < numSpans; ++i) {
    const std::int64_t row = i % kRows;
    const double start = static_cast<double>(i / kRows) * 1e-3;
    writer.add(Span{start, start + 0.8e-3, static_cast<std::int32_t>(row / kNumLanes),
                    static_cast<std::int32_t>(row / kNumLanes / 8), static_cast<std::int16_t>(i % 61),
                    static_cast<std::uint16_t>(i % 120), static_cast<std::uint8_t>(i % 12),
                    static_cast<std::uint8_t>(row % kNumLanes), 0});
  }
  writer.commit();
}

double peakGigabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1024.0 * 1024.0);
}

bool areReady(const MainWindow& window) {
  return std::ranges::all_of(viewKinds(), [&](const ViewKind& kind) {
    return window.view(QString::fromLatin1(kind.name))->isReady();
  });
}

/// Until every view is ready. The longest turn of the GUI thread is processor time: other programs do not
/// count.
void BM_OpenInWindow(benchmark::State& state) {
  startOffscreen();
  const QTemporaryDir folder;
  const QString path = folder.filePath(QStringLiteral("records.moesim"));
  writeSpans(path, state.range(0));
  double longest = 0;
  for (auto unused : state) {
    MainWindow window;
    window.show();
    QEventLoop loop;
    bool isOpened = false;
    QObject::connect(&window, &MainWindow::documentOpened, &loop, [&] { isOpened = true; });
    QObject::connect(&window, &MainWindow::documentFailed, &loop, [&] {
      state.SkipWithError("the result could not be opened");
      loop.quit();
    });
    QApplication::processEvents();
    LongestTurn turns;
    QTimer ticks;
    QObject::connect(&ticks, &QTimer::timeout, &loop, [&] {
      turns.turn();
      if (isOpened && areReady(window)) loop.quit();
    });
    ticks.start(0);
    window.open(path);
    loop.exec();
    longest = std::max(longest, turns.ms());
  }
  state.counters["longest_block_ms"] = longest;
  state.counters["peak_GiB"] = peakGigabytes();
}
BENCHMARK(BM_OpenInWindow)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->UseRealTime();

}  // namespace
}  // namespace moesim::gui
