#include "sim/training/unmodelled.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace moesim {
namespace {

/// SimGrid's time per operation grows with the activities alive: 1024 GPUs take half a minute
/// (docs/engines.md).
constexpr int kMostSimgridGpus = 1024;

/// Whether communication stands beside computation as in forward_backward_block (stage_blocks.hpp).
bool is_modelled_overlap(const std::vector<OverlapPair>& overlap) {
  const auto is = [](const OverlapPair& pair, const std::vector<std::string>& computation,
                     std::string_view communication) {
    return pair.computation == computation && pair.communication == communication;
  };
  return overlap.size() == 4 &&
         is(overlap[0], {"attention_weight", "attention_forward"}, "combine_backward") &&
         is(overlap[1], {"mlp_backward"}, "dispatch_forward") &&
         is(overlap[2], {"mlp_weight", "mlp_forward"}, "dispatch_backward") &&
         is(overlap[3], {"attention_backward"}, "combine_forward");
}

/// Loads over the mean that a group cannot have, and those that every-GPU mode has no spread for: its ranks
/// lie evenly around the mean, from 2 - max to max.
void find_impossible_load(const TrainingScenario& scenario, const ClusterSpec& cluster,
                          std::vector<PlanError::Violation>& found) {
  constexpr double kMostOfEvenSpread = 2;
  const RoutingChoice& routing = scenario.routing;
  const int num_ranks = std::max(1, scenario.layout.ep);
  const int num_gpus = num_ranks * std::max(1, scenario.layout.etp);
  const int num_nodes =
      std::min(num_ranks, (num_gpus + cluster.gpus_per_node - 1) / std::max(1, cluster.gpus_per_node));
  const auto refuse = [&](const char* key, double load, double most, const std::string& of) {
    if (load > most)
      found.push_back({fmt::format("/routing/{}", key),
                       fmt::format("{} times the mean is more than {}", load, of),
                       fmt::format("at most {}", most)});
  };
  refuse("rank_max_over_mean", routing.rank_max_over_mean, num_ranks,
         fmt::format("one of {} ranks can hold", num_ranks));
  refuse("node_max_over_mean", routing.node_max_over_mean.value_or(1), num_nodes,
         fmt::format("one of {} nodes can hold", num_nodes));
  if (scenario.gpus == GpuDetail::every && num_ranks > kMostOfEvenSpread) {
    refuse("rank_max_over_mean", routing.rank_max_over_mean, kMostOfEvenSpread,
           "loads spread evenly around the mean can reach");
  }
}

}  // namespace

std::vector<PlanError::Violation> find_unmodelled(const Layout& layout) {
  std::vector<PlanError::Violation> found;
  const auto refuse = [&](const char* key, int value, int limit, const char* what) {
    if (value > limit)
      found.push_back({fmt::format("/layout/{}", key), fmt::format("{} is not modelled", what),
                       fmt::format("use {} {}", key, limit)});
  };
  if (num_copies(layout.schedule) == 2) {
    refuse("zero", layout.zero, 1, "sharding of gradients and weights of which two ranks hold a copy");
    if (layout.shard)
      found.push_back({"/layout/shard",
                       "sharding over a part of the copies is not modelled where two ranks hold one",
                       "leave it out, or use another schedule"});
  }
  return found;
}

std::vector<PlanError::Violation> find_unmodelled(const TrainingScenario& scenario,
                                                  const ClusterSpec& cluster, const Stack& stack) {
  const Layout& layout = scenario.layout;
  std::vector<PlanError::Violation> found = find_unmodelled(layout);
  const AllToAll& all_to_all = stack.all_to_all;
  if (all_to_all.backend == AllToAllBackend::deepep_low_latency && layout.ep > 1) {
    found.push_back({"/stack", "a training all-to-all by deepep_low_latency is not modelled",
                     "use a stack whose backend is deepep_normal or nccl"});
  }
  if (runs_pairs(layout.schedule) && !is_modelled_overlap(stack.overlap)) {
    found.push_back({"/stack", "the stack's order of computation and communication in a pair is not modelled",
                     "use a stack with the order of deepseek-v3-fp8"});
  }
  const DataParallelPolicy& data = stack.data_parallel;
  const bool in_passes = data.num_buckets > 1 || data.overlap_reduce || data.overlap_gather ||
                         data.reduce_every_microbatch.value_or(false);
  if (in_passes && num_copies(layout.schedule) == 2) {
    found.push_back({"/stack",
                     "data-parallel collectives beside computation are not modelled where two ranks hold a "
                     "copy of each stage",
                     "use a stack with one bucket and no overlap, or another schedule"});
  }
  const bool every = scenario.gpus == GpuDetail::every;
  if (every && layout.tp * layout.cp * layout.etp > 1) {
    found.push_back({"/gpus",
                     "members of tensor, context and expert-tensor groups that wait for each other are not "
                     "modelled one by one",
                     "use \"representative\""});
  }
  find_impossible_load(scenario, cluster, found);
  if (every && scenario.engine == EngineKind::simgrid && cluster.num_gpus() > kMostSimgridGpus) {
    found.push_back({"/engine", fmt::format("simgrid is too slow for each of {} GPUs", cluster.num_gpus()),
                     "use \"replay\", which gives the same result, or representative GPUs"});
  }
  return found;
}

}  // namespace moesim
