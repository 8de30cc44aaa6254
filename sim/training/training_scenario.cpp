#include "sim/training/training_scenario.hpp"

namespace moesim {

const Spec<RoutingChoice>& spec_of(const RoutingChoice*) {
  static const Spec<RoutingChoice> spec =
      Spec<RoutingChoice>("routing", "How tokens spread over experts.")
          .field("mode", &RoutingChoice::mode, "balanced: every expert alike; stated: the loads given here")
          .field("rank_max_over_mean", &RoutingChoice::rank_max_over_mean,
                 "expert tokens of the fullest rank over the mean: computation and NVLink",
                 optional() | at_least(1))
          .field("rank_max_over_mean_uncertainty", &RoutingChoice::rank_max_over_mean_uncertainty,
                 "plus or minus, for intervals of results", optional() | at_least(0))
          .field("node_max_over_mean", &RoutingChoice::node_max_over_mean,
                 "tokens into the fullest node over the mean: NICs; derived from the rank's when absent",
                 at_least(1))
          .field("source", &RoutingChoice::source, "where the stated loads come from", optional())
          .check([](const RoutingChoice& routing) -> std::optional<SpecIssue> {
            const bool states =
                routing.rank_max_over_mean != 1 || routing.node_max_over_mean.value_or(1) != 1;
            if (routing.mode != RoutingMode::balanced || !states) return std::nullopt;
            return SpecIssue{"/mode", "balanced routing with a stated load",
                             "use \"stated\" or leave the loads out"};
          });
  return spec;
}

const Spec<NetworkChoice>& spec_of(const NetworkChoice*) {
  static const Spec<NetworkChoice> spec =
      Spec<NetworkChoice>("network", "How collectives get their time.")
          .field("mode", &NetworkChoice::mode, "formula: by the busiest port");
  return spec;
}

const Spec<TrainingScenario>& spec_of(const TrainingScenario*) {
  static const Spec<TrainingScenario> spec = [] {
    Spec<TrainingScenario> s("training scenario", "One optimizer step of pre-training on a cluster.");
    add_scenario_head(s, "training")
        .field("recipe", &TrainingScenario::recipe, "what is trained in a step")
        .field("routing", &TrainingScenario::routing, "how tokens spread over experts", optional())
        .field("network", &TrainingScenario::network, "how collectives get their time", optional())
        .field("gpus", &TrainingScenario::gpus, "simulate one GPU per pipeline rank or every one", optional())
        .field("published", &TrainingScenario::published, "figures to show beside the summary", optional());
    return add_scenario_tail(s);
  }();
  return spec;
}

}  // namespace moesim
