#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "base/math.hpp"
#include "base/random.hpp"
#include "bench/linear_costs.hpp"
#include "sim/serving/batching/serving_unit.hpp"

namespace moesim {
namespace {

double exponential(RandomStream& stream, double mean) {
  return -mean * log_det(stream.uniform_open());
}

struct Load {
  double rate = 1;
  std::int64_t input = 1000;
  double output = 64;  ///< mean, exponential where `spread`
  bool spread = false;
  std::int64_t generated = 1;
};

/// Requests of a Poisson process until `requests` have come.
void run(benchmark::State& state, const UnitSpec& spec, const Load& load, int requests) {
  double simulated = 0;
  UnitTotals totals;
  for (auto _ : state) {
    ServingUnit unit(spec);
    RandomStream stream(1, 1);
    std::vector<UnitEvent> events;
    double time = 0;
    for (int i = 0; i < requests; ++i) {
      time += exponential(stream, 1 / load.rate);
      SequenceWork work;
      work.request = i;
      work.draw = static_cast<std::uint64_t>(i);
      work.input_tokens = load.input;
      work.output_tokens = static_cast<std::int64_t>(
          2 + (load.spread ? exponential(stream, load.output - 2) : load.output - 2));
      work.generated_tokens = load.generated;
      unit.advance(time, events);
      unit.submit(time, work);
      events.clear();
    }
    while (unit.next_event() < 1e300) unit.advance(unit.next_event() + 60, events);
    simulated += time;
    totals.add(unit.totals());
  }

  state.SetItemsProcessed(state.iterations() * requests);
  state.counters["simulated_h_per_min"] = benchmark::Counter(simulated / 60, benchmark::Counter::kIsRate);
  state.counters["iterations"] =
      benchmark::Counter(static_cast<double>(totals.iterations), benchmark::Counter::kIsRate);
  state.counters["batch"] = totals.sequence_seconds / totals.busy_s;
  state.counters["step_ms"] = 1e3 * totals.busy_s / static_cast<double>(totals.iterations);
}

/// Decode, 64 tokens each, one attention rank: arguments are requests per second.
void BM_DecodeUnit(benchmark::State& state) {
  UnitSpec spec;
  spec.role = PoolRole::decode;
  spec.layout.gpus = static_cast<int>(state.range(1));
  spec.kv_blocks = 1 << 20;
  spec.batching.max_batch = 1024;
  spec.costs = std::make_shared<LinearCosts>(8e-3, 20e-6, 4e-9, 0);
  Load load;
  load.rate = static_cast<double>(state.range(0));
  load.output = static_cast<double>(state.range(2));
  run(state, spec, load, 200000);
}
BENCHMARK(BM_DecodeUnit)
    ->ArgNames({"per_s", "ranks", "tokens"})
    ->Args({10, 1, 64})
    ->Args({100, 1, 64})
    ->Args({400, 1, 64})
    ->Args({100, 1, 512})
    ->Args({1000, 16, 64})
    ->Args({1000, 16, 512})
    ->Unit(benchmark::kMillisecond);

/// 18 nodes with 144 attention ranks: 220 requests a second, about 1,211 tokens each, steps of 45 ms.
void BM_ProductionDecodeUnit(benchmark::State& state) {
  UnitSpec spec;
  spec.role = PoolRole::decode;
  spec.layout.gpus = 144;
  spec.kv_blocks = 12000;
  spec.speculation.drafts = static_cast<int>(state.range(0));
  spec.speculation.acceptance = {0.85};
  spec.costs = std::make_shared<LinearCosts>(31e-3, 72e-6, 25e-9, 0);
  Load load;
  load.rate = 220;
  load.input = 4384;
  load.output = 1211;
  load.spread = true;
  run(state, spec, load, 220 * 1800);
}
BENCHMARK(BM_ProductionDecodeUnit)->ArgName("drafts")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// One rank whose memory is always full, requests of 500 to 700 tokens in and 100 to 500 out: arguments are
/// blocks of 64 tokens, about 12 to a sequence, and drafts.
void BM_FullMemory(benchmark::State& state) {
  UnitSpec spec;
  spec.role = PoolRole::decode;
  spec.layout.gpus = 1;
  spec.kv_blocks = state.range(0);
  spec.batching.max_batch = 1 << 20;
  spec.speculation = {static_cast<int>(state.range(1)), {0.8}};
  spec.costs = std::make_shared<LinearCosts>(20e-3, 0, 1e-9, 0);
  constexpr int kRequests = 20000;
  for (auto _ : state) {
    ServingUnit unit(spec);
    RandomStream stream(1, 2);
    for (int i = 0; i < kRequests; ++i) {
      SequenceWork work;
      work.request = i;
      work.draw = static_cast<std::uint64_t>(i);
      work.input_tokens = static_cast<std::int64_t>(500 + stream.below(200));
      work.output_tokens = static_cast<std::int64_t>(100 + stream.below(400));
      work.generated_tokens = 1;
      unit.submit(0, work);
    }
    std::vector<UnitEvent> events;
    while (unit.next_event() < 1e300) unit.advance(unit.next_event() + 60, events);
    benchmark::DoNotOptimize(events.data());
    state.counters["batch"] = unit.totals().sequence_seconds / unit.totals().busy_s;
  }
  state.SetItemsProcessed(state.iterations() * kRequests);
}
BENCHMARK(BM_FullMemory)
    ->ArgNames({"blocks", "drafts"})
    ->ArgsProduct({{1200, 12000}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

/// One rank with prompts of 1,024 tokens, 256 tokens each.
void BM_ColocatedUnit(benchmark::State& state) {
  UnitSpec spec;
  spec.role = PoolRole::colocated;
  spec.layout = {8, 8, 1, 0};
  spec.kv_blocks = state.range(1);
  spec.batching.prefill_first = state.range(0) != 0;
  spec.costs = std::make_shared<LinearCosts>(10e-3, 100e-6, 10e-9, 20e-6);
  Load load;
  load.rate = 10;
  load.input = 1024;
  load.output = 256;
  load.generated = 0;
  load.spread = true;
  run(state, spec, load, 50000);
}
BENCHMARK(BM_ColocatedUnit)
    ->ArgNames({"prefill_first", "blocks"})
    ->Args({1, 100000})
    ->Args({0, 100000})
    ->Args({1, 900})  // memory is what limits
    ->Unit(benchmark::kMillisecond);

/// 32 ranks that compute prompts of 4,096 tokens, 16,384 a rank.
void BM_PrefillUnit(benchmark::State& state) {
  UnitSpec spec;
  spec.role = PoolRole::prefill;
  spec.layout.gpus = 32;
  spec.kv_blocks = 12000;
  spec.batching.token_budget = 16384;
  spec.costs = std::make_shared<LinearCosts>(50e-3, 0, 0, 20e-6);
  Load load;
  load.rate = 300;
  load.input = 4096;
  load.generated = 0;
  run(state, spec, load, 200000);
}
BENCHMARK(BM_PrefillUnit)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim
