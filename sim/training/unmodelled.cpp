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
  const int num_nodes = (num_ranks + cluster.gpus_per_node - 1) / std::max(1, cluster.gpus_per_node);
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
  refuse("tp", layout.tp, 1, "the time of tensor-parallel collectives");
  refuse("cp", layout.cp, 1, "the time of context-parallel exchanges");
  refuse("etp", layout.etp, 1, "the time of expert-tensor-parallel collectives");
  refuse("zero", layout.zero, 1, "the time of sharded gradients and weights (ZeRO 2 and 3)");
  return found;
}

std::vector<PlanError::Violation> find_unmodelled(const TrainingScenario& scenario,
                                                  const ClusterSpec& cluster, const Stack& stack) {
  const Layout& layout = scenario.layout;
  std::vector<PlanError::Violation> found = find_unmodelled(layout);
  const AllToAll& all_to_all = stack.all_to_all;
  if (all_to_all.backend != AllToAllBackend::deepep_normal && layout.ep > 1) {
    found.push_back(
        {"/stack", fmt::format("a training all-to-all by {} is not modelled", enum_name(all_to_all.backend)),
         "use a stack whose backend is deepep_normal"});
  }
  if (runs_pairs(layout.schedule) && !is_modelled_overlap(stack.overlap)) {
    found.push_back({"/stack", "the stack's order of computation and communication in a pair is not modelled",
                     "use a stack with the order of deepseek-v3-fp8"});
  }
  const DataParallelPolicy& data = stack.data_parallel;
  if (data.num_buckets > 1 || data.overlap_reduce || data.overlap_gather) {
    found.push_back({"/stack", "data-parallel collectives beside computation are not modelled",
                     "use a stack with one bucket and no overlap"});
  }
  const bool every = scenario.gpus == GpuDetail::every;
  find_impossible_load(scenario, cluster, found);
  if (every && scenario.engine == EngineKind::simgrid && cluster.num_gpus() > kMostSimgridGpus) {
    found.push_back({"/engine", fmt::format("simgrid is too slow for each of {} GPUs", cluster.num_gpus()),
                     "use \"replay\", which gives the same result, or representative GPUs"});
  }
  return found;
}

}  // namespace moesim
