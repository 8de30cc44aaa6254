// Steps of DeepSeek-V3's MoE layers: affinities, gate, counts, bias, placement. The aim is all 58 layers x
// 2,000 steps x 16,384 tokens in less than 20 minutes on two cores.
#include <benchmark/benchmark.h>

#include <sys/resource.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "sim/routing_run/routing_run.hpp"

namespace moesim {
namespace {

constexpr double kAllTokens = 58.0 * 2000 * 16384;

RoutingInputs inputs_of(int layers, std::int64_t steps, std::int64_t traffic_every) {
  Json document = Json::parse(R"({"schema_version": 1, "kind": "routing", "model": "deepseek-v3",
    "cluster": "h800-2048", "placement": {"ep": 64}, "routing": {"bias_update_speed": 0.001},
    "affinity": {"popularity": {"law": "logit_normal", "sigma": 0.5}}})");
  document["batch"] = {{"tokens", 16384}, {"steps", steps}, {"layers", layers}};
  document["record"] = {{"every", 10}, {"traffic_every", traffic_every}};
  return load_routing(read_spec<RoutingScenario>(document, "bench.json"), "bench.json");
}

/// Arguments: threads, layers, steps, steps between two counts of traffic.
void BM_RoutingRun(benchmark::State& state) {
  const auto argument = [&](int i) { return state.range(i); };
  const RoutingInputs inputs = inputs_of(static_cast<int>(argument(1)), argument(2), argument(3));
  std::uint64_t tokens = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    NullSink sink;
    tokens += run_routing(inputs, {static_cast<int>(argument(0)), {}}, sink).num_tokens;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  state.SetItemsProcessed(static_cast<std::int64_t>(tokens));
  state.counters["58x2000_min"] = elapsed.count() * kAllTokens / static_cast<double>(tokens) / 60;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["max_rss_MB"] = static_cast<double>(usage.ru_maxrss) / 1000;
}
BENCHMARK(BM_RoutingRun)
    ->Args({1, 1, 20, 0})
    ->Args({1, 4, 5, 0})
    ->Args({2, 4, 5, 0})
    ->Args({2, 4, 5, 1})
    ->Args({2, 58, 2, 0})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace moesim
