// Ranking training layouts on two threads: the shipped space of a scenario, and spaces whose best are
// compared with those of the exhaustive twin.
#include <benchmark/benchmark.h>

#include <chrono>
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

/// Searches once an iteration. wall_s is the time on the clock, which a machine that is busy with other
/// things makes longer; cpu_s is that of all threads.
Json timed_search(benchmark::State& state, const LayoutSpace& space) {
  Json summary;
  const std::clock_t begin_cpu = std::clock();
  const auto begin = std::chrono::steady_clock::now();
  for (auto _ : state) summary = search_training(space.scenario, space.file, space.search)["summary"];
  state.counters["wall_s"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  state.counters["cpu_s"] = static_cast<double>(std::clock() - begin_cpu) / CLOCKS_PER_SEC;
  count(state, summary);
  return summary;
}

/// The published layout must be among the best: what it lacks of the best's throughput at most.
constexpr double kMostGap = 0.03;

void check_gap(benchmark::State& state, const Json& summary) {
  const Json& gap = summary["published_layout_gap_fraction"];
  if (gap.is_number()) state.counters["gap"] = gap.get<double>();
  if (!gap.is_number() || gap.get<double>() > kMostGap)
    state.SkipWithError("the published layout is not ranked, or more than 3 % off the best");
}

/// The shipped space of DeepSeek-V3 on 2048 H800, with as many best layouts as the argument says: more
/// layouts than that are replayed.
void BM_ShippedSpace(benchmark::State& state) {
  LayoutSpace space = tests::shipped_space("deepseek-v3-pretrain-2048xh800");
  space.search.axes = read_space("training", "");
  space.search.num_best = static_cast<std::size_t>(state.range(0));
  const Json summary = timed_search(state, space);
  check_gap(state, summary);
  if (summary["evaluated"] < state.range(0)) state.SkipWithError("fewer layouts replayed than listed");
}

/// The shipped space with a fourth micro-batch and a fifth recomputation: more than 10,000 layouts, of which
/// as many are replayed at least as the argument says.
void BM_ManyLayouts(benchmark::State& state) {
  LayoutSpace space = tests::shipped_space("deepseek-v3-pretrain-2048xh800");
  space.search.axes = read_space("training", "");
  replace_axis(space.search.axes, {"/layout/micro_batch", {1, 2, 4, 8}});
  for (Axis& axis : space.search.axes) {
    if (axis.pointer == "/layout/recompute") axis.values.push_back({"swiglu", "mla_up_projection"});
  }
  space.search.num_best = static_cast<std::size_t>(state.range(0));
  const Json summary = timed_search(state, space);
  check_gap(state, summary);
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
