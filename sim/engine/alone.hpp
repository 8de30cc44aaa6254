#pragma once

#include <algorithm>

#include "sim/engine/engine.hpp"

namespace moesim {

/// Seconds of an operation that shares nothing, from `gpu` to the port of `receiver`, without jitter.
inline double alone_s(const OperationCost& cost, const GpuState& gpu, const GpuState& receiver) {
  const double load = cost.load_factor(gpu.expert_load);
  double step_s = cost.work_s * gpu.compute_slowdown * load;
  if (cost.nic_B > 0) step_s = std::max(step_s, cost.nic_B / std::min(gpu.nic_out_Bps, receiver.nic_in_Bps));
  if (cost.nvlink_B > 0) step_s = std::max(step_s, cost.nvlink_B * load / gpu.nvlink_Bps);
  if (cost.tail_nvlink_B > 0) step_s += cost.tail_nvlink_B * load / gpu.nvlink_Bps;
  return cost.delay_s + step_s;
}

}  // namespace moesim
