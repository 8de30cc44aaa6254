#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>

#include "sim/plan/plan.hpp"
#include "sim/plan/plan_checks.hpp"
#include "tests/sim_plan/deepseek_v3.hpp"

namespace moesim {
namespace {

PlanInput too_large() {
  PlanInput input = test::deepseek_v3_input();
  input.layout.recompute.clear();
  input.cluster.gpu_memory = Bytes(45 * 0x1p30);
  return input;
}

void BM_MakePlan(benchmark::State& state) {
  const PlanInput input = test::deepseek_v3_input();
  for (auto _ : state) benchmark::DoNotOptimize(make_plan(input).memory.peak());
}
BENCHMARK(BM_MakePlan)->Unit(benchmark::kMillisecond);

/// All that `moesim plan` does with a valid scenario, the topology included.
void BM_PlanAsJson(benchmark::State& state) {
  const PlanInput input = test::deepseek_v3_input();
  for (auto _ : state) benchmark::DoNotOptimize(plan_json(make_plan(input)).dump().size());
}
BENCHMARK(BM_PlanAsJson)->Unit(benchmark::kMillisecond);

/// A plan that does not fit, with the search for the nearest change that does.
void BM_NearestFit(benchmark::State& state) {
  const PlanInput input = too_large();
  for (auto _ : state) benchmark::DoNotOptimize(nearest_fit(input).size());
}
BENCHMARK(BM_NearestFit)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim
