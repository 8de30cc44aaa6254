#include "sim/planner/search/serving_bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/serving/fleet/fleet_unit.hpp"
#include "sim/serving/fleet/unit_capacity.hpp"
#include "sim/serving/fleet/unit_speed.hpp"
#include "sim/serving/fleet/warm_start.hpp"
#include "sim/serving/serving_energy.hpp"

namespace moesim {
namespace {

constexpr double kLookAhead = 300;
constexpr int kBisections = 40;
constexpr double kFarBelow = 0.9;  // of the KV cache: nobody waits for blocks

/// One pool that generates, as the fleet runs it.
struct Stream {
  const FleetPool& pool;
  const Demand& demand;
  bool unknown_hits;
  double accepted;
  double kv;

  Stream(const FleetPool& of, const ServingDemand& asked)
      : pool(of),
        demand(asked.requests),
        unknown_hits(asked.unknown_hits),
        accepted(tokens_per_step(of)),
        kv(std::max(1.0, asked.requests.kv_of_stream())) {}

  [[nodiscard]] double step_s(double streams) const {
    return mean_step_s(pool, decode_batch(pool, streams, kv));
  }
  /// Of a colocated unit's time, what the prompts cost that each output token has, beside `streams`.
  [[nodiscard]] double prompt_s(double streams) const {
    if (pool.spec.role != PoolRole::colocated || demand.prompts <= 0 || unknown_hits) return 0;
    const double output = std::max(1.0, demand.mean_output());
    const UnitCapacity full = prompt_capacity(pool, demand);
    if (pool.unit.batching.prefill_first) return 1 / full.requests_per_s / output;
    // In iterations of both a prompt costs what it adds; the least where budgets are full.
    const double prompts = full.requests_per_s * full.step_s;
    StepBatch both = decode_batch(pool, streams, kv);
    both.prompts = both.finished_prompts = prompts;
    both.prompt_tokens = prompts * demand.mean_new();
    both.prompt_tokens_max = both.prompt_tokens / pool.unit.layout.attention_ranks();
    both.past_tokens = prompts * demand.cached_tokens / demand.prompts;
    both.prompt_pairs = prompts * demand.prompt_pairs / demand.prompts;
    both.prompt_pairs_max = both.prompt_pairs / pool.unit.layout.attention_ranks();
    return std::max(0.0, mean_step_s(pool, both) - step_s(streams)) / prompts / output;
  }
  /// Output tokens/s of a unit.
  [[nodiscard]] double rate(double streams) const {
    return 1 / (step_s(streams) / (streams * accepted) + prompt_s(streams));
  }
};

double places(const FleetPool& pool) {
  return static_cast<double>(max_sequences(pool));
}

/// The most streams up to `most` whose step leaves `tpot_s` a token; 1 where none does.
double streams_within(const Stream& stream, double most, double tpot_s) {
  const auto holds = [&](double streams) {
    return stream.step_s(streams) / stream.accepted * (1 - kBoundMargin) <= tpot_s;
  };
  if (holds(most)) return most;
  double low = 1;
  double high = most;
  for (int i = 0; i < kBisections; ++i) {
    const double middle = (low + high) / 2;
    (holds(middle) ? low : high) = middle;
  }
  return high;
}

double best_rate(const Stream& stream, double most) {
  double best = 0;
  for (double streams = most; streams >= 1; streams /= 2) best = std::max(best, stream.rate(streams));
  return best;
}

/// Requests/s of a prefill unit at the best fill of its budgets.
double prompt_rate(const FleetPool& pool, const Demand& demand) {
  double best = 0;
  FleetPool filled = pool;
  const double least = std::max(1.0, demand.mean_new());
  for (double budget = static_cast<double>(pool.unit.batching.token_budget); budget >= 1; budget /= 2) {
    filled.unit.batching.token_budget = static_cast<std::int64_t>(std::max(budget, 1.0));
    best = std::max(best, prompt_capacity(filled, demand).requests_per_s);
    if (budget < least) break;
  }
  return best;
}

bool closed_and_full(const ServingInputs& inputs) {
  return inputs.scenario.workload.saturated && inputs.scenario.workload.duration &&
         std::ranges::all_of(inputs.pools, [](const auto& pool) {
           return pool->spec.scaling.policy == ScalingPolicy::fixed;
         });
}

struct Fleet {
  FleetScenario scenario;
  double tokens_per_s = 0;  ///< of pools that generate
  double requests_per_s = std::numeric_limits<double>::infinity();
  double places = 0;
  bool prefill = false;   ///< KV caches move from pool to pool
  double transfer_s = 0;  ///< of one KV cache
  double receive_bytes_per_s = 0;
};

Fleet fleet_rates(const ServingInputs& inputs, const ServingDemand& demand, const BoundLimits& limits) {
  Fleet fleet;
  fleet.scenario = fleet_of(inputs);
  double prompts = 0;
  for (const FleetPool& pool : fleet.scenario.pools) {
    const double units = pool.spec.units;
    if (pool.spec.role == PoolRole::prefill) {
      fleet.prefill = true;
      prompts += units * prompt_rate(pool, demand.requests);
      continue;
    }
    const Stream stream(pool, demand);
    const double most = limits.tpot_s ? streams_within(stream, places(pool), *limits.tpot_s) : places(pool);
    fleet.tokens_per_s += units * best_rate(stream, most);
    fleet.places += units * places(pool);
    const double nic = pool.nic_bytes_per_s;
    fleet.receive_bytes_per_s += units * pool.unit.layout.gpus * nic;
    const double cache =
        pool.kv_bytes_per_token * demand.requests.input_tokens / std::max(1.0, demand.requests.requests);
    fleet.transfer_s = std::max(fleet.transfer_s, nic > 0 ? cache / nic : 0);
  }
  if (fleet.prefill && !demand.unknown_hits) fleet.requests_per_s = prompts / kSteadyShare;
  return fleet;
}

/// Streams of all pools together that a closed loop has while it holds the limits; at least one.
double least_streams(const ServingInputs& inputs, const ServingDemand& demand, const BoundLimits& limits,
                     const Fleet& fleet, double requests_per_s) {
  if (!limits.ttft_s || !closed_and_full(inputs)) return 1;
  const double cache = demand.requests.input_tokens / std::max(1.0, demand.requests.requests);
  double bytes = 0;
  for (const FleetPool& pool : fleet.scenario.pools) {
    if (pool.spec.role == PoolRole::prefill) continue;
    if (room_for_streams(pool, demand.requests) < places(pool) / kFarBelow &&
        kv_capacity_tokens(pool) * kFarBelow < places(pool) * demand.requests.kv_of_stream())
      return 1;
    bytes = requests_per_s * cache * pool.kv_bytes_per_token * pool.unit.layout.tp;
  }
  if (fleet.prefill && bytes > fleet.receive_bytes_per_s / 2) return 1;
  const double outside_s = *limits.ttft_s + (fleet.prefill ? 1 + 4 * fleet.transfer_s : 0);
  return std::max(1.0, (1 - kBoundMargin) * (fleet.places - requests_per_s * outside_s));
}

double idle_cost(const ServingInputs& inputs, bool energy) {
  FleetResult idle;
  idle.measured_s = 1;
  for (const auto& pool : inputs.pools) {
    PoolResult& result = idle.pools.emplace_back();
    result.role = pool->spec.role;
    result.measured_s = 1;
    result.allotted_unit_s = pool->spec.units;
    result.nodes_mean = result.nodes_peak = pool->spec.units * pool->nodes_per_unit();
  }
  return energy ? fleet_energy_J(inputs, idle) : fleet_cost(inputs, idle).total();
}

}  // namespace

ServingDemand serving_demand(const ServingInputs& inputs) {
  ServingDemand demand;
  demand.requests = look_ahead(fleet_of(inputs), 0, kLookAhead).demand;
  const WorkloadSpec& workload = inputs.scenario.workload;
  for (const auto& pool : inputs.pools) {
    const PrefixCacheSpec& cache = pool->spec.prefix_cache;
    const bool any = cache.gpu || cache.host.value() > 0 || cache.disk.value() > 0;
    demand.unknown_hits = demand.unknown_hits || (any && (workload.trace || workload.sessions));
  }
  if (!workload.arrivals || workload.trace || workload.sessions || workload.concurrency || workload.saturated)
    return demand;
  const ArrivalSpec& arrivals = *workload.arrivals;
  double peak = arrivals.process == ArrivalProcess::on_off ? arrivals.on_rate_over_mean : 1;
  if (arrivals.process == ArrivalProcess::diurnal && !arrivals.day.empty()) {
    double sum = 0;
    for (const double rate : arrivals.day) sum += rate;
    peak = std::ranges::max(arrivals.day) * static_cast<double>(arrivals.day.size()) / sum;
  }
  const double seconds = workload.duration ? workload.duration->value() : 1;
  const double noise =
      5 * std::max(1.0, arrivals.cv) / std::sqrt(std::max(1.0, arrivals.rate_per_s * seconds));
  demand.tokens_per_s = arrivals.rate_per_s * peak * demand.requests.mean_output() * (1 + noise);
  return demand;
}

ServingRates serving_bound(const ServingInputs& inputs, const ServingDemand& demand,
                           const BoundLimits& limits) {
  constexpr double kMillion = 1e6;
  const Fleet fleet = fleet_rates(inputs, demand, limits);
  const double output = std::max(1.0, demand.requests.mean_output());
  double tokens = std::min(fleet.tokens_per_s, fleet.requests_per_s * output);
  if (demand.tokens_per_s) tokens = std::min(tokens, *demand.tokens_per_s);
  tokens *= 1 + kBoundMargin;
  const double streams = least_streams(inputs, demand, limits, fleet, tokens / output);
  ServingRates rates;
  rates.tokens_per_s_per_gpu = tokens / gpus_of(inputs);
  for (const FleetPool& pool : fleet.scenario.pools) {
    if (pool.spec.role == PoolRole::prefill) continue;
    const Stream stream(pool, demand);
    // Units share streams in proportion to their places.
    const double own = std::max(1.0, streams * places(pool) / fleet.places);
    rates.tokens_per_s_per_user =
        std::max(rates.tokens_per_s_per_user, stream.accepted / stream.step_s(own) * (1 + kBoundMargin));
  }
  rates.tpot_s = 1 / rates.tokens_per_s_per_user;
  rates.cost_usd = idle_cost(inputs, false) * kMillion / tokens;
  rates.energy_J = idle_cost(inputs, true) / tokens;
  return rates;
}

bool cache_fits(const ServingInputs& inputs, const ServingDemand& demand) {
  if (!inputs.scenario.workload.saturated) return true;
  return std::ranges::all_of(inputs.pools, [&](const auto& pool) {
    const double tokens = static_cast<double>(pool->spec.batching.max_batch) * demand.requests.kv_of_stream();
    return !ServingInputs::generates(*pool) || tokens <= static_cast<double>(pool->memory.kv_tokens);
  });
}

double prompt_use(const ServingInputs& inputs, const ServingDemand& demand, double tokens_per_s) {
  const Fleet fleet = fleet_rates(inputs, demand, {});
  const double output = std::max(1.0, demand.requests.mean_output());
  return tokens_per_s / (output * kSteadyShare * fleet.requests_per_s);
}

}  // namespace moesim
