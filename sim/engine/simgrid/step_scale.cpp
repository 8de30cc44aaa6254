#include "sim/engine/simgrid/step_scale.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace moesim::on_simgrid {
namespace {

/// The worst of every property over all GPUs; bandwidths of zero aside, which nothing passes.
GpuState slowest(const EngineInput& input) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  GpuState worst{.nic_out_Bps = kNone, .nic_in_Bps = kNone, .nvlink_Bps = kNone};
  const auto narrow = [](double& least, double rate) {
    if (rate > 0) least = std::min(least, rate);
  };
  for (const GpuState& gpu : input.gpus) {
    worst.compute_slowdown = std::max(worst.compute_slowdown, gpu.compute_slowdown);
    worst.expert_load = std::max(worst.expert_load, gpu.expert_load);
    narrow(worst.nic_out_Bps, gpu.nic_out_Bps);
    narrow(worst.nic_in_Bps, gpu.nic_in_Bps);
    narrow(worst.nvlink_Bps, gpu.nvlink_Bps);
  }
  return worst;
}

}  // namespace

StepScale scale_of(const EngineInput& input) {
  const GpuState gpu = slowest(input);
  StepScale scale;
  std::vector<double> alone_s;
  for (const OperationCost& cost : input.graph->costs) {
    const double load = cost.load_factor(gpu.expert_load);
    const double work_s = cost.work_s * load * gpu.compute_slowdown / cost.overlapped_rate;
    const double nic_s = cost.nic_B / std::min(gpu.nic_out_Bps, gpu.nic_in_Bps);
    const double nvlink_s = load * (cost.nvlink_B + cost.tail_nvlink_B) / gpu.nvlink_Bps;
    alone_s.push_back(cost.delay_s + work_s + nic_s + nvlink_s + cost.issue_s + cost.first_issue_s);
    scale.largest_flow_B =
        std::max({scale.largest_flow_B, cost.nic_B, load * cost.nvlink_B, load * cost.tail_nvlink_B});
  }
  for (const auto& program : input.graph->programs) {
    for (const Operation& op : program) scale.serial_s += alone_s[op.cost];
  }
  return scale;
}

}  // namespace moesim::on_simgrid
