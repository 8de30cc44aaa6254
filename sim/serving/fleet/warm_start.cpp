#include "sim/serving/fleet/warm_start.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "sim/serving/fleet/pool_meter.hpp"
#include "sim/serving/fleet/unit_speed.hpp"

namespace moesim {
namespace {

constexpr std::size_t kMostRequests = 65536;
constexpr double kProbeIterations = 64;

}  // namespace

LookAhead look_ahead(const FleetScenario& scenario, double from_s, double seconds) {
  LookAhead ahead;
  const OpenedWorkload opened = scenario.open(from_s);
  const bool disk = std::any_of(scenario.pools.begin(), scenario.pools.end(), [](const FleetPool& pool) {
    return pool.spec.role != PoolRole::decode && pool.spec.prefix_cache.disk.value() > 0;
  });
  const bool closed = scenario.workload.saturated || scenario.workload.concurrency;
  Request request;
  double last_s = from_s;
  bool whole = false;
  while (ahead.requests.size() < kMostRequests && opened.source->next(request)) {
    if (!closed && request.arrival_s < from_s) continue;
    if (!closed && request.arrival_s >= from_s + seconds) {
      whole = true;
      break;
    }
    last_s = request.arrival_s;
    ahead.demand.add_request(request);
    const std::int64_t stated = disk ? request.stated_cached_tokens : 0;
    const auto cached = static_cast<double>(std::min(stated, request.input_tokens - 1));
    ahead.demand.add_prompt(static_cast<double>(request.input_tokens) - cached, cached);
    Request& kept = ahead.requests.emplace_back();
    kept.input_tokens = request.input_tokens;
    kept.output_tokens = request.output_tokens;
  }
  if (!closed) ahead.demand.seconds = whole ? seconds : last_s - from_s;
  return ahead;
}

std::vector<SequenceWork> residents(const LookAhead& ahead, std::int64_t count, std::uint64_t seed) {
  std::vector<double> reach;  // sums of output tokens behind the first
  double sum = 0;
  for (const Request& request : ahead.requests) {
    sum += static_cast<double>(std::max<std::int64_t>(request.output_tokens - 1, 0));
    reach.push_back(sum);
  }
  std::vector<SequenceWork> running;
  if (sum <= 0) return running;
  static constexpr std::uint64_t kStream = stream_of("serving_residents");
  for (std::int64_t i = 0; i < count; ++i) {
    RandomStream random(seed, kStream, static_cast<std::uint64_t>(i));
    const double place = random.uniform() * sum;
    const auto chosen =
        static_cast<std::size_t>(std::upper_bound(reach.begin(), reach.end(), place) - reach.begin());
    const Request& request = ahead.requests[std::min(chosen, ahead.requests.size() - 1)];
    SequenceWork work;
    work.input_tokens = request.input_tokens;
    work.output_tokens = request.output_tokens;
    work.generated_tokens = 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(
                                    std::max<std::int64_t>(request.output_tokens - 1, 1))));
    work.draw = random.next_u64();
    running.push_back(work);
  }
  return running;
}

double probed_step_factor(const FleetPool& pool, const LookAhead& ahead, std::int64_t streams,
                          std::uint64_t seed) {
  UnitSpec spec = pool.unit;
  spec.seed = seed;
  ServingUnit unit(spec);
  std::int64_t placed = 0;
  for (SequenceWork& work : residents(ahead, streams, seed)) {
    work.request = placed++;
    unit.place_running(work);
  }
  if (placed == 0) return 1;
  const double step =
      mean_step_s(pool, decode_batch(pool, static_cast<double>(placed), ahead.demand.kv_of_stream()));
  std::vector<UnitEvent> events;
  unit.advance(kProbeIterations * step, events);
  return measured_step_factor(pool, unit.totals(), {}, 1);
}

}  // namespace moesim
