// Opening a scenario in the editor: how long it takes, and how long the GUI thread is ever held. Wants moesim
// beside the program or in PATH.
#include <benchmark/benchmark.h>

#include <QEventLoop>
#include <QTimer>

#include "bench/gui_windows/offscreen.hpp"
#include "gui/windows/scenario_editor.hpp"

namespace moesim::gui {
namespace {

/// Until the form and the plan are there.
void BM_OpenInEditor(benchmark::State& state, const char* name) {
  startOffscreen();
  double longest = 0;
  for (auto unused : state) {
    ScenarioEditor editor;
    editor.resize(1600, 1000);
    editor.show();
    QApplication::processEvents();
    LongestTurn turns;
    QEventLoop loop;
    QTimer ticks;
    QObject::connect(&ticks, &QTimer::timeout, &loop, [&] {
      turns.turn();
      if (editor.isReady()) loop.quit();
    });
    ticks.start(0);
    if (!editor.openScenario(QString::fromLatin1(name)))
      state.SkipWithError("the scenario could not be opened");
    loop.exec();
    QApplication::processEvents();
    turns.turn();
    longest = std::max(longest, turns.ms());
  }
  state.counters["longest_block_ms"] = longest;
}
BENCHMARK_CAPTURE(BM_OpenInEditor, training, "deepseek-v3-pretrain-2048xh800")
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(BM_OpenInEditor, serving, "deepseek-v3-fleet-512xh800")
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace moesim::gui
