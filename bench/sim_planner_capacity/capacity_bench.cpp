// Capacity of DeepSeek-V3 on H800 for Mooncake's conversation trace (Mooncake, FAST 2025: an hour, 12,031
// requests), which $MOESIM_SHARED_DATA/traces holds, else for the small trace that is shipped. The aim is
// less than two minutes on two cores.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/planner/capacity/capacity.hpp"

namespace moesim {
namespace {

std::string trace_of_mooncake() {
  const char* data = std::getenv("MOESIM_SHARED_DATA");
  const auto path = std::filesystem::absolute(data == nullptr ? "../shared/data" : data) /
                    "traces/mooncake_fast25_conversation_trace.jsonl.gz";
  return std::filesystem::exists(path) ? path.string() : "";
}

/// Arguments: threads, draws.
void BM_Capacity(benchmark::State& state) {
  const std::string file = "workloads/scenarios/deepseek-v3-trace-h800.json";
  Json scenario = read_json_file(file);
  const std::string trace = trace_of_mooncake();
  if (!trace.empty()) scenario["workload"]["trace"] = trace;
  state.SetLabel(trace.empty() ? "small trace" : "Mooncake's trace");
  CapacityOptions options;
  options.sizing.slo = read_slo("ttft=15s@p99,tpot=50ms@p99", "bench");
  options.sizing.threads = static_cast<int>(state.range(0));
  options.sizing.num_draws = static_cast<int>(state.range(1));
  Json summary;
  for (auto _ : state) summary = find_capacity(scenario, file, options)["summary"];
  state.counters["simulations"] = summary["num_simulations"].get<double>();
  state.counters["nodes_p50"] = summary["smallest"]["p50"]["nodes"].get<double>();
  state.counters["nodes_p90"] = summary["smallest"]["p90"]["nodes"].get<double>();
}
BENCHMARK(BM_Capacity)
    ->Args({2, 0})
    ->Args({1, 64})
    ->Args({2, 64})
    ->Unit(benchmark::kSecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Iterations(1);

}  // namespace
}  // namespace moesim
