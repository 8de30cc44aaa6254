// Cost of one iteration's time, and of the tables behind it.
#include <benchmark/benchmark.h>

#include <string>

#include "sim/serving/step/unit_costs.hpp"

namespace moesim {
namespace {

/// DeepSeek-R1 on 8 H200 with SGLang.
struct Unit {
  ModelSpec model = load_model("deepseek-r1");
  CalibrationProfile profile = load_profile("h200-sxm");
  Stack stack = load_stack("sglang");
  ClusterSpec cluster = load_cluster("h200-256");
  PoolSpec pool;

  explicit Unit(const UnitLayout& layout) { pool.layout = layout; }
  [[nodiscard]] UnitCostInput input() const { return {&model, &cluster, &profile, &stack, &pool}; }
};

StepBatch decoding(double sequences, double kv, int ranks) {
  StepBatch batch;
  batch.sequences = sequences;
  batch.sequences_max = sequences / ranks;
  batch.kv_tokens = sequences * kv;
  batch.kv_tokens_max = batch.kv_tokens / ranks;
  return batch;
}

/// Iterations of a growing cache, as a unit asks for them.
void BM_Step(benchmark::State& state, const UnitLayout& layout) {
  const Unit unit(layout);
  const auto costs = make_step_costs(unit.input());
  const ExpertState experts{1, 1, 200.0 / layout.ep, 4};
  double kv = 1000;
  for (auto _ : state) {
    benchmark::DoNotOptimize(costs->step(decoding(64, kv, layout.attention_ranks()), experts).experts);
    kv = kv > 3000 ? 1000 : kv + 1;
  }
}
BENCHMARK_CAPTURE(BM_Step, tp8, UnitLayout{8, 8, 1, 0});
BENCHMARK_CAPTURE(BM_Step, dp8_ep8, UnitLayout{8, 1, 8, 0});

/// Mixed iterations: prompts beside decoding.
void BM_MixedStep(benchmark::State& state) {
  const Unit unit({8, 8, 1, 0});
  const auto costs = make_step_costs(unit.input());
  StepBatch batch = decoding(64, 2000, 1);
  batch.prompts = 1;
  double length = 500;
  for (auto _ : state) {
    batch.prompt_tokens = batch.prompt_tokens_max = length;
    batch.prompt_pairs = batch.prompt_pairs_max = length * length / 2;
    benchmark::DoNotOptimize(costs->step(batch, {1, 1, 256, 3}).experts);
    length = length > 1500 ? 500 : length + 1;
  }
}
BENCHMARK(BM_MixedStep);

/// Making the costs and the first thousand steps, which fill the tables they touch.
void BM_Build(benchmark::State& state) {
  const Unit unit({8, 8, 1, 0});
  for (auto _ : state) {
    const auto costs = make_step_costs(unit.input());
    for (int i = 0; i < 1000; ++i)
      benchmark::DoNotOptimize(costs->step(decoding(1 + i % 100, 500 + 10 * i, 1), {1, 1, 200, 4}).experts);
  }
}
BENCHMARK(BM_Build)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim
