// Fleets of the size of DeepSeek's production day, with steps that cost next to nothing to compute: the times
// are those of the event loop and the units. peak_MB is the largest resident set of the process so far: run
// one benchmark at a time (--benchmark_filter) to read it.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/math.hpp"
#include "base/random.hpp"
#include "bench/linear_costs.hpp"
#include "sim/serving/fleet/fleet.hpp"

namespace moesim {
namespace {

constexpr double kDay = 86400;
constexpr double kRate = 1605;

/// Poisson by time of day, 4,384 tokens in of which 56.3 % lie on disk, 1,211 out.
class DayOfRequests : public RequestSource {
 public:
  explicit DayOfRequests(double from_s) : key_(3, stream_of("day")), time_(from_s) {}
  bool next(Request& request) override {
    RandomStream random(key_, index_++);
    const double rate = kRate * (1 + 0.35 * std::sin(2 * 3.14159265358979 * (time_ / kDay - 0.35)));
    time_ -= log_det(random.uniform_open()) / rate;
    request.id = static_cast<std::int64_t>(index_);
    request.arrival_s = time_;
    request.input_tokens = 4384;
    request.stated_cached_tokens = 2468;
    request.output_tokens = 1211;
    return true;
  }

 private:
  StreamKey key_;
  std::uint64_t index_ = 0;
  double time_;
};

FleetPool pool(const std::string& name, PoolRole role, int nodes, int units) {
  FleetPool made;
  made.name = name;
  made.nodes_per_unit = nodes;
  made.spec.role = made.unit.role = role;
  made.spec.units = units;
  made.spec.scaling.policy = ScalingPolicy::target;
  made.unit.layout.gpus = made.unit.layout.ep = 8 * nodes;
  made.unit.kv_blocks = 8192;
  made.unit.kv_bytes_per_token = made.kv_bytes_per_token = 70272;
  made.nic_bytes_per_s = 20e9;
  made.nic_latency_s = 1e-5;
  return made;
}

FleetScenario production_day() {
  FleetPool prefill = pool("prefill", PoolRole::prefill, 4, 25);
  prefill.unit.batching.token_budget = 16384;
  prefill.unit.costs = std::make_shared<LinearCosts>(30e-3, 0, 0, 145e-6);
  prefill.spec.prefix_cache.disk = Bytes(1e15);
  prefill.spec.scaling.utilisation = 0.6;
  FleetPool decode = pool("decode", PoolRole::decode, 18, 8);
  decode.unit.costs = std::make_shared<LinearCosts>(15e-3, 0.25e-3, 2.5e-8, 0);
  decode.spec.scaling.tokens_per_s_per_user = 21;
  FleetScenario scenario;
  scenario.pools = {decode, prefill};
  scenario.policy.warm_start = true;
  scenario.workload.duration = Seconds(kDay);
  scenario.open = [](double from_s) {
    OpenedWorkload opened;
    opened.source = std::make_unique<DayOfRequests>(from_s);
    return opened;
  };
  return scenario;
}

/// As many requests as Mooncake's conversation trace has in its hour, of its mean lengths (12,035 in, 343
/// out), in conversations that share blocks of 512 tokens.
class Conversations : public RequestSource {
 public:
  bool next(Request& request) override {
    if (index_ == 12031) return false;
    RandomStream random(4, stream_of("conversations"), index_);
    request.id = static_cast<std::int64_t>(index_++);
    request.arrival_s = 0.2942 * static_cast<double>(index_);
    request.input_tokens = 1 + static_cast<std::int64_t>(-12035 * log_det(random.uniform_open()));
    request.output_tokens = 1 + static_cast<std::int64_t>(-343 * log_det(random.uniform_open()));
    request.block_tokens = 512;
    request.blocks.clear();
    const std::uint64_t session = random.below(2000);
    for (std::int64_t block = 0; block * 512 < request.input_tokens; ++block)
      request.blocks.push_back(session << 20 | static_cast<std::uint64_t>(block));
    return true;
  }

 private:
  std::uint64_t index_ = 0;
};

class Counted : public RequestSink {
 public:
  void add(const RequestRecord& record) override { count += record.rejected ? 0 : 1; }
  std::int64_t count = 0;
};

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void play(benchmark::State& state, const FleetScenario& scenario) {
  NullSink sink;
  FleetOptions options;
  options.threads = 2;
  Counted requests;
  FleetResult result;
  for (auto _ : state) result = run_fleet(scenario, options, requests, sink);
  state.counters["requests"] = static_cast<double>(requests.count);
  state.counters["requests_per_s"] =
      benchmark::Counter(static_cast<double>(requests.count), benchmark::Counter::kIsRate);
  state.counters["decode_nodes"] = result.pools[0].nodes_mean;
  state.counters["prefill_nodes"] = result.pools[1].nodes_mean;
  state.counters["peak_MB"] = peak_megabytes();
}

/// On 4 prefill and 18 decode nodes, with caches in GPU and host memory.
void BM_Conversations(benchmark::State& state) {
  FleetScenario scenario = production_day();
  scenario.workload.duration.reset();
  scenario.policy.warm_start = false;
  for (FleetPool& pool : scenario.pools) {
    pool.spec.scaling = {};
    pool.spec.units = 1;
    pool.spec.prefix_cache.gpu = true;
    pool.spec.prefix_cache.host = Bytes(1e12);
  }
  scenario.open = [](double) {
    OpenedWorkload opened;
    opened.source = std::make_unique<Conversations>();
    return opened;
  };
  play(state, scenario);
}
BENCHMARK(BM_Conversations)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

/// 6 minutes of every hour.
void BM_SampledDay(benchmark::State& state) {
  FleetScenario scenario = production_day();
  scenario.policy.windows = WindowSpec{};
  play(state, scenario);
}
BENCHMARK(BM_SampledDay)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

/// The first hours of the day, or all 24.
void BM_Day(benchmark::State& state) {
  FleetScenario scenario = production_day();
  scenario.workload.duration = Seconds(3600.0 * static_cast<double>(state.range(0)));
  play(state, scenario);
}
BENCHMARK(BM_Day)->Arg(1)->Arg(24)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace moesim
