#include "sim/routing_run/routing_scenario.hpp"

namespace moesim {
namespace {

constexpr double kMostGpus = 4096;
constexpr double kMostTokens = 1 << 28;
constexpr double kMostSteps = 100'000'000;

/// The keys of Replanning.
template <class T>
Spec<T>& add_replanning_fields(Spec<T>& spec) {
  return spec
      .field("redundant_experts", &Replanning::redundant_experts, "slots beyond one for each expert",
             optional() | between(0, 65536))
      .field("replan_every", &Replanning::replan_every, "steps between two plans of EPLB",
             between(1, kMostSteps))
      .field("replan_window", &Replanning::replan_window,
             "latest steps whose loads a plan sums; absent: replan_every", between(1, 100'000))
      .field("replan_lag", &Replanning::replan_lag,
             "latest steps that a plan has not seen, as statistics and weights take time to arrive",
             optional() | between(0, 100'000));
}

}  // namespace

const Spec<Replanning>& spec_of(const Replanning*) {
  static const Spec<Replanning> spec = [] {
    Spec<Replanning> s("what-if", "EPLB beside the placement: it sees the loads and moves no token.");
    return add_replanning_fields(s);
  }();
  return spec;
}

const Spec<PlacementChoice>& spec_of(const PlacementChoice*) {
  static const Spec<PlacementChoice> spec = [] {
    Spec<PlacementChoice> s("placement", "Where the experts of a layer are.");
    s.field("ep", &PlacementChoice::ep, "GPUs of the expert group, on whole nodes or inside one",
            optional() | between(1, kMostGpus))
        .field(
            "strategy", &PlacementChoice::strategy,
            "contiguous: neighbours share a GPU; round_robin: dealt one by one; eplb: contiguous until the "
            "first plan, then planned from loads",
            optional());
    add_replanning_fields(s)
        .field("replica_choice", &PlacementChoice::replica_choice, "the replica that a token goes to",
               optional())
        .field("what_if", &PlacementChoice::what_if,
               "EPLB that is planned beside the placement from the same loads: imbalance.rank_after_eplb and "
               "slot_after_eplb");
    return s;
  }();
  return spec;
}

const Spec<RoutingRules>& spec_of(const RoutingRules*) {
  static const Spec<RoutingRules> spec = [] {
    Spec<RoutingRules> s("routing rules", "What the gate and its balancing do.");
    s.field("flavour", &RoutingRules::flavour, "whose code the gate follows where they differ", optional());
    return add_bias_fields(s)
        .field("losses", &RoutingRules::losses, "factors of balance losses", optional())
        .field(
            "dynamics", &RoutingRules::dynamics,
            "how a router in training moves, a shipped name (calib/routers) or a file: what losses do, and "
            "the drift where affinity.drift is 0; absent: nothing drifts",
            non_empty())
        .field("capacity", &RoutingRules::capacity, "what experts or devices take; absent: everything")
        .field("reinforcement", &RoutingRules::reinforcement,
               "logits a step that an expert gains for a load of twice the mean: the rich get richer",
               optional() | between(0, 1));
  }();
  return spec;
}

const Spec<RoutingBatch>& spec_of(const RoutingBatch*) {
  static const Spec<RoutingBatch> spec =
      Spec<RoutingBatch>("batch", "The tokens of a step: all that one expert group routes in it.")
          .field("mode", &RoutingBatch::mode,
                 "training: new documents each step; decode: one token of each running request", optional())
          .field("tokens", &RoutingBatch::tokens, "of a step", optional() | between(1, kMostTokens))
          .field("steps", &RoutingBatch::steps, "training steps or decode iterations",
                 optional() | between(1, kMostSteps))
          .field("layers", &RoutingBatch::layers, "MoE layers, evenly among the model's; absent: all",
                 at_least(1))
          .field("measured_steps", &RoutingBatch::measured_steps,
                 "last steps that the summary is of; absent: the last quarter", at_least(1))
          .field("validation_steps", &RoutingBatch::validation_steps,
                 "batches behind the last step that a validation is of, while nothing moves",
                 optional() | between(0, kMostSteps));
  return spec;
}

const Spec<RoutingRecord>& spec_of(const RoutingRecord*) {
  static const Spec<RoutingRecord> spec =
      Spec<RoutingRecord>("record", "What is written, and how often.")
          .field("every", &RoutingRecord::every,
                 "steps between two records of the load of experts, GPUs and nodes; 0: none",
                 optional() | between(0, kMostSteps))
          .field("traffic_every", &RoutingRecord::traffic_every,
                 "steps between two counts of the copies between pairs of GPUs; 0: none",
                 optional() | between(0, kMostSteps))
          .field("dispatch_mode", &RoutingRecord::dispatch_mode,
                 "normal: once per node, then over NVLink; low_latency: once per chosen expert", optional())
          .field("dispatch_format", &RoutingRecord::dispatch_format, "of a copy of a token",
                 optional() | choices({"fp8", "bf16"}))
          .field("weight_format", &RoutingRecord::weight_format,
                 "of the expert weights that a new placement moves", optional());
  return spec;
}

const Spec<RoutingScenario>& spec_of(const RoutingScenario*) {
  static const Spec<RoutingScenario> spec =
      Spec<RoutingScenario>("routing scenario",
                            "Gate, balancing and placement of MoE layers through many steps.")
          .field("schema_version", &RoutingScenario::schema_version, "version of this format", between(1, 1))
          .field("kind", &RoutingScenario::kind, "what is simulated", choices({"routing"}))
          .field("model", &RoutingScenario::model, "catalog name or configuration file", non_empty())
          .field("cluster", &RoutingScenario::cluster,
                 "catalog name, {\"base\": name, ...} or a whole cluster")
          .field("placement", &RoutingScenario::placement, "where the experts are", optional())
          .field("routing", &RoutingScenario::routing, "what the gate and its balancing do", optional())
          .field("affinity", &RoutingScenario::affinity, "where the logits of tokens come from", optional())
          .field("recorded", &RoutingScenario::recorded, "recorded routing, in place of affinity and gate")
          .field("batch", &RoutingScenario::batch, "the tokens of a step", optional())
          .field("record", &RoutingScenario::record, "what is written", optional())
          .field("published", &RoutingScenario::published, "figures to show beside the summary", optional())
          .field("seed", &RoutingScenario::seed, "of everything random", optional());
  return spec;
}

}  // namespace moesim
