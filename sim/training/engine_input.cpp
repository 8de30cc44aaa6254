// The GPUs of a step.
#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/training/gpu_spread.hpp"
#include "sim/training/step_graph.hpp"
#include "sim/training/transfer_costs.hpp"

namespace moesim {
namespace {

GpuState nominal_gpu(const ClusterSpec& cluster) {
  GpuState gpu;
  const PortSpeeds ports = cluster_ports(cluster);
  gpu.nic_out_Bps = gpu.nic_in_Bps = ports.nic.value();
  gpu.nvlink_Bps = ports.nvlink.value();
  return gpu;
}

/// Loads of the ranks of one expert group, dealt by the seed: as in the profile where there is one, else
/// evenly spaced around 1 up to the fullest.
std::vector<double> rank_loads(std::size_t num_ranks, const RoutedLoad& load, std::uint64_t seed,
                               std::uint64_t group) {
  std::vector<std::pair<double, double>> order;
  for (std::size_t i = 0; i < num_ranks; ++i) {
    const double place =
        num_ranks == 1 ? 1 : 2.0 * static_cast<double>(i) / static_cast<double>(num_ranks - 1) - 1;
    const double even = 1 + (load.rank_max_over_mean - 1) * place;
    const double key = uniform_at(seed, stream_of("rank_load"), group * num_ranks + i);
    order.emplace_back(key, load.rank_profile.empty() ? even : load.rank_profile[i]);
  }
  std::sort(order.begin(), order.end());
  std::vector<double> loads;
  for (const auto& [key, load] : order) loads.push_back(load);
  return loads;
}

void place_all(const TrainingInputs& inputs, const RoutedLoad& load, double speed_sigma, EngineInput& input) {
  const auto num_gpus = static_cast<std::size_t>(inputs.cluster().num_gpus());
  const int num_ranks = inputs.plan.schedule.num_ranks;
  input.members = inputs.layout().ep;
  input.columns = inputs.cluster().num_gpus() / (num_ranks * input.members);
  const auto slowdowns = drawn_slowdowns(num_gpus, speed_sigma, inputs.scenario.seed);
  const auto members = static_cast<std::size_t>(input.members);
  input.gpus.reserve(num_gpus);
  for (std::size_t group = 0; group * members < num_gpus; ++group) {
    const auto loads = rank_loads(members, load, inputs.scenario.seed, group);
    for (std::size_t member = 0; member < members; ++member) {
      GpuState gpu = nominal_gpu(inputs.cluster());
      gpu.compute_slowdown = slowdowns[group * members + member];
      gpu.expert_load = loads[member];
      input.gpus.push_back(gpu);
    }
  }
}

struct Sigmas {
  double speed = 0;
  double jitter = 0;
};

Sigmas sigmas_of(const TrainingInputs& inputs, const StepParts& parts) {
  return {parts.gpu_spread ? inputs.cluster().gpu_speed_sigma : 0,
          parts.jitter ? inputs.cluster().operator_jitter : 0};
}

}  // namespace

double jitter_of_slowest(const TrainingInputs& inputs, const StepParts& parts) {
  const Sigmas sigmas = sigmas_of(inputs, parts);
  const Layout& layout = inputs.layout();
  const int num_meeting = std::max(layout.ep * layout.etp, layout.tp * layout.cp);
  if (inputs.scenario.gpus == GpuDetail::every || num_meeting == 1) return 0;
  return expected_max_of_normals(num_meeting) *
         (std::sqrt(sigmas.speed * sigmas.speed + sigmas.jitter * sigmas.jitter) - sigmas.speed);
}

std::vector<GpuState> representative_gpus(const TrainingInputs& inputs, const LayerLoads& loads,
                                          const StepParts& parts) {
  const auto num_ranks = static_cast<std::size_t>(inputs.plan.schedule.num_ranks);
  const std::size_t gpus_of_rank = static_cast<std::size_t>(inputs.cluster().num_gpus()) / num_ranks;
  const auto slowdowns =
      representative_slowdowns(num_ranks, gpus_of_rank, sigmas_of(inputs, parts).speed, inputs.scenario.seed);
  std::vector<GpuState> gpus;
  for (std::size_t rank = 0; rank < num_ranks; ++rank) {
    gpus.push_back(nominal_gpu(inputs.cluster()));
    gpus.back().compute_slowdown = slowdowns[rank];
    gpus.back().expert_load = loads.fullest().rank_max_over_mean;
  }
  return gpus;
}

EngineInput engine_input(const TrainingInputs& inputs, const StepGraph& step, const StepParts& parts,
                         int threads) {
  EngineInput input;
  input.graph = &step.graph;
  input.seed = inputs.scenario.seed;
  input.threads = threads;
  const Sigmas sigmas = sigmas_of(inputs, parts);
  input.jitter_sigma = sigmas.jitter;
  if (inputs.scenario.gpus == GpuDetail::representative) {
    input.gpus = representative_gpus(inputs, step.loads, parts);
  } else {
    place_all(inputs, step.loads.fullest(), sigmas.speed, input);
  }
  return input;
}

}  // namespace moesim
