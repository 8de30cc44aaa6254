#include "sim/engine/input_check.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"

namespace moesim {
namespace {

bool is_rate(double v) {
  return std::isfinite(v) && v >= 0;
}

}  // namespace

void check_input(const EngineInput& input, std::string_view engine) {
  if (input.graph == nullptr || input.members < 1 || input.columns < 1) {
    throw RunError(fmt::format("{}: a graph and at least one member and column are needed", engine));
  }
  const std::size_t wanted = static_cast<std::size_t>(input.columns) * input.graph->num_ranks() *
                             static_cast<std::size_t>(input.members);
  if (input.gpus.size() != wanted) {
    throw RunError(fmt::format("{}: {} GPUs are given, {} are needed", engine, input.gpus.size(), wanted));
  }
  for (std::size_t i = 0; i < wanted; ++i) {
    const GpuState& g = input.gpus[i];
    const bool rates = is_rate(g.nic_out_Bps) && is_rate(g.nic_in_Bps) && is_rate(g.nvlink_Bps);
    if (!rates || !is_rate(g.compute_slowdown) || !is_rate(g.expert_load)) {
      throw RunError(
          fmt::format("{}: GPU {} has a rate or a load that is negative or not finite", engine, i));
    }
  }
}

}  // namespace moesim
