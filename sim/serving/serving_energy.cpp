#include "sim/serving/serving_energy.hpp"

#include <algorithm>

namespace moesim {
namespace {

double pool_energy_J(const PoolInputs& pool, const PoolResult& result) {
  const PowerSpec& power = pool.cluster.power;
  const double gpus = pool.spec.layout.gpus;
  const double gpu_seconds = result.allotted_unit_s * gpus;
  const StepTime& step = result.totals.step;
  const double hbm = pool.profile->gpu().hbm_bandwidth.value();
  const double above_idle = kSmPowerShare * step.sm_busy + kHbmPowerShare * step.hbm_bytes / hbm;
  // Nothing works longer than iterations last.
  const double dynamic = std::min(above_idle, result.totals.busy_s) * gpus;
  const double gpu_energy =
      power.gpu_idle.value() * gpu_seconds + (power.gpu_peak - power.gpu_idle).value() * dynamic;
  const double node_seconds = result.allotted_unit_s * pool.nodes_per_unit();
  const double rest = power.node_other.value() * node_seconds + power.network_port.value() * gpu_seconds;
  return (gpu_energy + rest) * power.pue;
}

}  // namespace

double fleet_energy_J(const ServingInputs& inputs, const FleetResult& fleet) {
  double sum = 0;
  for (std::size_t i = 0; i < fleet.pools.size(); ++i) sum += pool_energy_J(*inputs.pools[i], fleet.pools[i]);
  return sum;
}

CostParts fleet_cost(const ServingInputs& inputs, const FleetResult& fleet) {
  CostParts sum;
  for (std::size_t i = 0; i < fleet.pools.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    sum.add(cost_of(pool.cluster, fleet.pools[i].allotted_unit_s * pool.spec.layout.gpus,
                    pool_energy_J(pool, fleet.pools[i])));
  }
  return sum;
}

}  // namespace moesim
