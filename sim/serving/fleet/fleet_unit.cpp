#include "sim/serving/fleet/fleet_unit.hpp"

#include <cmath>

namespace moesim {
namespace {

constexpr double kPcieBytesPerSecond = 50e9;     // of a GPU, PCIe 5.0 x16 (assumed)
constexpr double kStorageBytesPerSecond = 50e9;  // of a node, 400 Gb/s (assumed)

UnitSpec with_identity(UnitSpec spec, std::uint64_t seed, int index) {
  spec.seed = seed;
  spec.unit = static_cast<std::uint64_t>(index);
  return spec;
}

bool has_cache(const PrefixCacheSpec& spec) {
  return spec.gpu || spec.host.value() > 0 || spec.disk.value() > 0;
}

std::int64_t tokens_of(double bytes, double bytes_per_token) {
  return bytes_per_token > 0 ? static_cast<std::int64_t>(bytes / bytes_per_token) : 0;
}

}  // namespace

FleetUnit::FleetUnit(const FleetPool& of, int pool_index, int index, std::uint64_t seed, double now_s,
                     const std::shared_ptr<DiskCache>& disk)
    : pool(pool_index), unit(with_identity(of.unit, seed, index), now_s) {
  const UnitLayout& layout = of.unit.layout;
  if (of.nic_bytes_per_s > 0) {
    send = BandwidthQueue(of.nic_bytes_per_s, layout.gpus);
    receive = send;
  }
  const PrefixCacheSpec& kept = of.spec.prefix_cache;
  if (of.spec.role == PoolRole::decode || !has_cache(kept)) return;
  const double nodes = std::max(of.nodes_per_unit, 1.0);
  const double pcie_rate = kept.pcie.value() > 0 ? kept.pcie.value() : kPcieBytesPerSecond;
  const double storage_rate =
      kept.storage_nic.value() > 0 ? kept.storage_nic.value() : kStorageBytesPerSecond;
  const auto num_nodes = static_cast<std::size_t>(std::ceil(nodes));
  pcie.assign(num_nodes, BandwidthQueue(pcie_rate, layout.gpus / nodes));
  storage.assign(num_nodes, BandwidthQueue(storage_rate, 1));
  const std::int64_t gpu = kept.gpu ? static_cast<std::int64_t>(kv_capacity_tokens(of)) : 0;
  const std::int64_t host = tokens_of(kept.host.value() * of.nodes_per_unit, of.kv_bytes_per_token);
  cache.emplace(gpu, host, kept.disk.value() > 0 ? disk : nullptr);
}

void FleetUnit::clear() {
  waiting_requests = waiting_tokens = prompt_kv_tokens = 0;
  waiting_s = 0;
  sequences = coming_tokens = 0;
  held_requests = held_tokens = 0;
  send.clear();
  receive.clear();
  for (BandwidthQueue& link : pcie) link.clear();
  for (BandwidthQueue& link : storage) link.clear();
  if (cache) cache->clear();
}

double kv_capacity_tokens(const FleetPool& pool) {
  return static_cast<double>(pool.unit.kv_blocks) * static_cast<double>(pool.unit.block_tokens) *
         pool.unit.layout.attention_ranks();
}

std::int64_t max_sequences(const FleetPool& pool) {
  return pool.unit.batching.max_batch * pool.unit.layout.attention_ranks();
}

}  // namespace moesim
