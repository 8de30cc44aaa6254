#include "sim/training/training_scenario.hpp"

namespace moesim {

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
