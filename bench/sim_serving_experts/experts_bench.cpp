// Cost of a table of expert loads, and how far it is from routing every token.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "sim/serving/experts/routed_twin.hpp"

namespace moesim {
namespace {

/// DeepSeek-V3 on nodes of 8 GPUs.
RoutedLoadsInput input_of(const benchmark::State& state) {
  const auto ep = static_cast<int>(state.range(0));
  RoutedLoadsInput input;
  const ModelSpec model = load_model("deepseek-v3");
  input.gate = gate_of(model);
  input.groups = {256, 8, ep, std::min(ep, 8), 256 + static_cast<int>(state.range(1)), 1};
  input.num_layers = model.num_moe_layers();
  input.spec.eplb.on = state.range(2) != 0;
  return input;
}

void BM_Table(benchmark::State& state) {
  const RoutedLoadsInput input = input_of(state);
  for (auto _ : state) {
    const auto loads = make_routed_loads(input);
    for (const int tokens : {64, 1024, 4096, 16384})
      state.counters["ratio_" + std::to_string(tokens)] = loads->mean(tokens).gpu_max_over_mean;
  }
}
BENCHMARK(BM_Table)
    ->ArgNames({"ep", "redundant", "eplb"})
    ->Args({32, 0, 0})
    ->Args({32, 32, 1})
    ->Args({72, 32, 1})
    ->Args({144, 32, 1})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

void BM_State(benchmark::State& state) {
  RoutedLoadsInput input = input_of(state);
  input.num_layers = 1;
  const auto loads = make_routed_loads(input);
  std::uint64_t draw = 0;
  for (auto _ : state) benchmark::DoNotOptimize(loads->state(1000, 3, ++draw).slots_touched);
}
BENCHMARK(BM_State)->Args({32, 32, 1});

/// Ten minutes of decode: 12,000 iterations of 50 ms whose batch swings between 400 and 2,400 tokens.
/// Counters: what the table's means are off those of routing every token, in per cent.
void BM_TwinTenMinutes(benchmark::State& state) {
  const RoutedLoadsInput input = input_of(state);
  const auto loads = make_routed_loads(input);
  TwinTrace trace;
  trace.tokens = [](std::int64_t i) {
    const double swing = std::sin(static_cast<double>(i) / 700) + 0.3 * std::sin(static_cast<double>(i) / 11);
    return static_cast<std::int64_t>(1400 + 760 * swing);
  };
  for (auto _ : state) {
    const TwinMeans means = run_twin(input, *loads, trace);
    const auto show = [&](const char* name, double ExpertState::*member) {
      state.counters[name] = means.routed.*member;
      state.counters[std::string(name) + "_off_%"] =
          100 * (means.tabulated.*member / (means.routed.*member) - 1);
    };
    show("gpu", &ExpertState::gpu_max_over_mean);
    show("node", &ExpertState::node_max_over_mean);
    show("touched", &ExpertState::slots_touched);
    show("slot", &ExpertState::slot_max_over_mean);
  }
}
BENCHMARK(BM_TwinTenMinutes)
    ->ArgNames({"ep", "redundant", "eplb"})
    ->Args({32, 32, 1})
    ->Args({144, 32, 1})
    ->Args({32, 0, 0})
    ->Unit(benchmark::kSecond)
    ->Iterations(1);

}  // namespace
}  // namespace moesim
