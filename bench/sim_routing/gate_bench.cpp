#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

constexpr std::size_t kTokens = 4096;

std::vector<float> normals(std::uint64_t stream, std::size_t count, double sigma) {
  RandomStream random(1, stream);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(sigma * random.normal());
  return values;
}

/// Logits in, ids and weights out, on one thread: arguments are the level and whether score sums are wanted.
void BM_Gate(benchmark::State& state, const std::string& model) {
  const auto level = static_cast<SimdLevel>(state.range(0));
  const std::vector<SimdLevel> levels = simd_levels();
  if (std::find(levels.begin(), levels.end(), level) == levels.end()) {
    state.SkipWithError("this processor lacks the level");
    return;
  }
  const Gate gate(gate_of(load_model(model)), level);
  const auto width = static_cast<std::size_t>(gate.spec().num_experts);
  const std::vector<float> logits = normals(1, kTokens * width, 1);
  const std::vector<float> bias = gate.spec().has_bias ? normals(2, width, 0.05) : std::vector<float>();
  std::vector<double> sums(state.range(1) != 0 ? width : 0);
  RoutedTokens out;
  for (auto _ : state) {
    gate.route(logits, bias, {}, out, sums);
    benchmark::DoNotOptimize(out.experts.data());
    benchmark::DoNotOptimize(out.weights.data());
  }
  state.SetLabel(std::string(name_of(level)));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kTokens));
}
BENCHMARK_CAPTURE(BM_Gate, deepseek_v3, "deepseek-v3")
    ->ArgNames({"level", "sums"})
    ->ArgsProduct({{0, 1, 2, 3}, {0}})
    ->Args({3, 1});
BENCHMARK_CAPTURE(BM_Gate, deepseek_v2, "deepseek-v2")
    ->ArgNames({"level", "sums"})
    ->ArgsProduct({{2, 3}, {0}});
BENCHMARK_CAPTURE(BM_Gate, deepseek_moe_16b, "deepseek-moe-16b")
    ->ArgNames({"level", "sums"})
    ->ArgsProduct({{2, 3}, {0}});

}  // namespace
}  // namespace moesim
