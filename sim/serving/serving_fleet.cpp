// The fleet that a scenario describes.
#include <algorithm>

#include "models/flops.hpp"
#include "sim/serving/serving_inputs.hpp"

namespace moesim {
namespace {

/// Share of a NIC that dispatch and combine leave to KV transfers where a unit spans nodes (assumed; a
/// saturated prefill unit of DeepSeek-V3 dispatches 13 of 47.5 GB/s on average, in bursts).
constexpr double kNicBesideDispatch = 0.5;
/// PCIe of one GPU (assumed: PCIe 5.0 x16 moves 50 to 55 of 64 GB/s).
constexpr double kPcieBytesPerSecond = 50e9;

UnitSpec unit_of(const ServingInputs& inputs, const PoolInputs& pool) {
  UnitSpec unit;
  unit.role = pool.spec.role;
  unit.batching = pool.spec.batching;
  unit.speculation = pool.spec.speculation;
  unit.layout = pool.spec.layout;
  unit.block_tokens = pool.memory.block_tokens;
  unit.kv_blocks = pool.memory.kv_blocks;
  unit.kv_bytes_per_token = pool.memory.kv_bytes_per_token;
  const double pcie = pool.spec.prefix_cache.pcie.value();
  // Every GPU of a rank swaps what it holds itself.
  unit.swap_bytes_per_s = pcie > 0 ? pcie : kPcieBytesPerSecond;
  unit.redraw_every = inputs.scenario.experts.redraw_every;
  unit.pause_every_s = pool.rebalance.every_s;
  unit.pause_s = pool.rebalance.pause_s;
  unit.costs = pool.costs;
  unit.experts = pool.experts;
  return unit;
}

ModelWork work_of(const ModelSpec& model, const PoolInputs& pool) {
  ModelWork work;
  work.prompt_token = prefill_flops_per_token(model, 0).value();
  work.prompt_pair = attention_core_flops(model, 1).value() * model.num_layers;
  work.output_token = decode_flops_per_token(model, 0).value();
  work.kv_token = absorbed_attention_core_flops(model, 1).value() * model.num_layers;
  work.unit_peak_flops_per_s = pool.profile->gpu().peak_bf16.value() * pool.spec.layout.gpus;
  return work;
}

FleetPool fleet_pool_of(const ServingInputs& inputs, const PoolInputs& pool) {
  FleetPool out;
  out.name = pool.name;
  out.spec = pool.spec;
  out.unit = unit_of(inputs, pool);
  const double held = pool.cluster.num_nodes / pool.nodes_per_unit();  // units that the cluster has nodes for
  out.spec.scaling.max_units = std::min(out.spec.scaling.max_units, std::max(1, static_cast<int>(held)));
  out.nodes_per_unit = pool.nodes_per_unit();
  out.request_overhead_s = pool.constant_or("request_overhead", 0);
  out.kv_bytes_per_token = pool.memory.kv_bytes_per_token;
  const bool spans_nodes = pool.spec.layout.gpus > pool.cluster.gpus_per_node;
  out.nic_bytes_per_s = pool.cluster.nic.usable().value() * (spans_nodes ? kNicBesideDispatch : 1);
  out.nic_latency_s = pool.cluster.nic.latency.value();
  out.work = work_of(inputs.model, pool);
  return out;
}

}  // namespace

FleetScenario fleet_of(const ServingInputs& inputs) {
  FleetScenario fleet;
  for (const auto& pool : inputs.pools) fleet.pools.push_back(fleet_pool_of(inputs, *pool));
  fleet.policy = inputs.scenario;
  fleet.workload = inputs.scenario.workload;
  fleet.open = [&inputs](double from_s) {
    return open_workload(inputs.scenario.workload, inputs.file, inputs.scenario.seed, from_s);
  };
  fleet.seed = inputs.scenario.seed;
  return fleet;
}

}  // namespace moesim
