#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/serving/batching/serving_unit.hpp"
#include "sim/serving/cache/prefix_cache.hpp"
#include "sim/serving/fleet/bandwidth_queue.hpp"
#include "sim/serving/fleet/fleet_scenario.hpp"

namespace moesim {

enum class UnitPhase : std::uint8_t {
  off,       ///< has no nodes
  starting,  ///< nodes allotted, serves later
  live,
  draining,  ///< takes nothing new, keeps its nodes until it is empty
  failed,    ///< being repaired
};

/// A unit as the fleet sees it, with counters that events keep, so that a choice needs no look into it.
struct FleetUnit {
  FleetUnit(const FleetPool& pool, int pool_index, int index, std::uint64_t seed, double now_s,
            const std::shared_ptr<DiskCache>& disk);

  int pool = 0;
  UnitPhase phase = UnitPhase::live;
  std::uint32_t attempt = 0;  ///< counts changes of phase that make timers out of date
  ServingUnit unit;
  std::int64_t prompts_given = 0;  ///< since it is there
  std::int64_t waiting_requests = 0;
  double waiting_s = 0;               ///< of the unit's time, for prompts that are not done
  std::int64_t waiting_tokens = 0;    ///< new tokens of prompts that are not done
  std::int64_t prompt_kv_tokens = 0;  ///< KV of those, cached ones included
  std::int64_t sequences = 0;         ///< that decode, or will: also those whose KV cache is under way
  std::int64_t coming_tokens = 0;     ///< KV tokens of the latter
  std::int64_t held_requests = 0;     ///< prompts done whose KV cache is not sent
  std::int64_t held_tokens = 0;
  BandwidthQueue send;  ///< NICs of all GPUs
  BandwidthQueue receive;
  std::vector<BandwidthQueue> pcie;     ///< [nodes]
  std::vector<BandwidthQueue> storage;  ///< [nodes]
  std::size_t next_node = 0;            ///< that loads the next cached prefix
  std::optional<PrefixCache> cache;

  [[nodiscard]] bool allotted() const { return phase != UnitPhase::off; }
  [[nodiscard]] bool empty() const { return waiting_requests == 0 && sequences == 0 && held_requests == 0; }
  /// A failure or a new start: everything it had is gone.
  void clear();
};

/// KV tokens that all attention ranks of a unit hold.
double kv_capacity_tokens(const FleetPool& pool);
/// Sequences that a unit decodes at most.
std::int64_t max_sequences(const FleetPool& pool);

}  // namespace moesim
