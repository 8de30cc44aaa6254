// Ranking training layouts on two threads: the shipped space of a scenario, and spaces whose best are
// compared with those of the exhaustive twin.
#include <benchmark/benchmark.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "sim/planner/search/space_file.hpp"
#include "tests/sim_planner_search/training_spaces.hpp"

namespace moesim {
namespace {

using tests::LayoutSpace;

void count(benchmark::State& state, const Json& summary) {
  for (const char* key :
       {"points_total", "layouts_total", "evaluated", "pruned_by_memory", "pruned_by_bound"})
    state.counters[key] = summary[key].get<double>();
}

/// The shipped space of DeepSeek-V3 on 2048 H800, with as many best layouts as the argument says: more
/// layouts than that are replayed.
void BM_ShippedSpace(benchmark::State& state) {
  LayoutSpace space = tests::shipped_space("deepseek-v3-pretrain-2048xh800");
  space.search.axes = read_space("training", "");
  space.search.num_best = static_cast<std::size_t>(state.range(0));
  Json summary;
  for (auto _ : state) summary = search_training(space.scenario, space.file, space.search)["summary"];
  count(state, summary);
  state.counters["gap"] = summary["published_layout_gap_fraction"].is_number()
                              ? summary["published_layout_gap_fraction"].get<double>()
                              : -1;
}

/// The shipped space with context parallelism: more than 10,000 layouts, of which as many are replayed at
/// least as the argument says. cpu_s is the time of all threads; the machine may be busy with other things.
void BM_ManyLayouts(benchmark::State& state) {
  LayoutSpace space = tests::shipped_space("deepseek-v3-pretrain-2048xh800");
  space.search.axes = read_space("training", "");
  space.search.axes.push_back({"/layout/cp", {1, 2}});
  space.search.num_best = static_cast<std::size_t>(state.range(0));
  Json summary;
  const std::clock_t begin = std::clock();
  for (auto _ : state) summary = search_training(space.scenario, space.file, space.search)["summary"];
  state.counters["cpu_s"] = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  count(state, summary);
  if (summary["layouts_total"] < 10'000 || summary["evaluated"] < state.range(0))
    state.SkipWithError("too few layouts, or too few of them replayed");
}

/// A space of up to 2,000 points: the best 20 with pruning and without.
void BM_AgainstExhaustive(benchmark::State& state) {
  LayoutSpace space = tests::kLayoutSpaces[state.range(0)](tests::SpaceSize::whole);
  state.SetLabel(space.name);
  Json pruned;
  for (auto _ : state) pruned = search_training(space.scenario, space.file, space.search)["summary"];
  space.search.exhaustive = true;
  const Json whole = search_training(space.scenario, space.file, space.search)["summary"];
  count(state, pruned);
  state.counters["replayed_by_twin"] = whole["evaluated"].get<double>();
  if (pruned["best"] != whole["best"]) state.SkipWithError("the best differ from those of the whole space");
}

BENCHMARK(BM_ShippedSpace)->Arg(20)->Arg(1000)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();
BENCHMARK(BM_ManyLayouts)->Arg(1000)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();
BENCHMARK(BM_AgainstExhaustive)->DenseRange(0, 4)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace moesim
