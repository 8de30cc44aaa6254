#include "sim/serving/fleet/prefix_load.hpp"

namespace moesim {
namespace {

/// Seconds until `hit` is in GPU memory.
double load_s(FleetUnit& unit, const FleetPool& pool, const PrefixHit& hit, double now_s) {
  if (hit.host + hit.disk == 0 || unit.pcie.empty()) return 0;
  const std::size_t node = unit.next_node;
  unit.next_node = (node + 1) % unit.pcie.size();
  double ready = now_s;
  if (hit.disk > 0) {
    BandwidthQueue& storage = unit.storage[node];
    ready = storage.take(storage.start(now_s), static_cast<double>(hit.disk) * pool.kv_bytes_per_token);
  }
  const double bytes = static_cast<double>(hit.host + hit.disk) * pool.kv_bytes_per_token;
  BandwidthQueue& pcie = unit.pcie[node];
  return pcie.take(pcie.start(ready), bytes, pool.unit.layout.tp) - now_s;
}

}  // namespace

SequenceWork prompt_work(FleetUnit& unit, const FleetPool& pool, InFlight& request, std::int64_t slot,
                         double now_s) {
  SequenceWork work;
  work.request = slot;
  work.input_tokens = request.request.input_tokens;
  work.output_tokens = request.request.output_tokens;
  work.draw = static_cast<std::uint64_t>(request.request.id);
  PrefixHit hit;
  if (unit.cache) {
    if (pool.spec.prefix_cache.gpu) {
      const double free = 1 - unit.unit.load().kv_used_fraction;
      unit.cache->set_gpu_capacity(static_cast<std::int64_t>(free * kv_capacity_tokens(pool)));
    }
    hit = unit.cache->use(request.request);
    work.load_s = load_s(unit, pool, hit, now_s);
  }
  work.cached_tokens = hit.total();
  request.record.cached_gpu_tokens = hit.gpu;
  request.record.cached_host_tokens = hit.host;
  request.record.cached_disk_tokens = hit.disk;
  request.new_tokens = work.input_tokens - work.cached_tokens;
  return work;
}

}  // namespace moesim
