// What a scenario says of routing.
#include <fmt/format.h>

#include "sim/training/training_scenario.hpp"

namespace moesim {
namespace {

using Issue = std::optional<SpecIssue>;

bool states(const RoutingChoice& routing) {
  return routing.rank_max_over_mean != 1 || routing.node_max_over_mean.value_or(1) != 1;
}

/// A key that is given and belongs to another mode.
Issue foreign_key(const RoutingChoice& routing) {
  const bool simulated = routing.mode == RoutingMode::simulated;
  const bool recorded = routing.mode == RoutingMode::recorded;
  const auto foreign = [](const char* key, const char* mode) -> Issue {
    return SpecIssue{fmt::format("/{}", key), fmt::format("belongs to {} routing", mode),
                     "leave it out, or change routing.mode"};
  };
  if (states(routing) && (simulated || recorded))
    return foreign(routing.rank_max_over_mean != 1 ? "rank_max_over_mean" : "node_max_over_mean", "stated");
  if (routing.affinity && !simulated) return foreign("affinity", "simulated");
  if (routing.balancing && !simulated) return foreign("balancing", "simulated");
  if (routing.layers && !simulated) return foreign("layers", "simulated");
  if (routing.micro_batches && !simulated && !recorded)
    return foreign("micro_batches", "simulated and recorded");
  if (routing.recorded && !recorded) return foreign("recorded", "recorded");
  return std::nullopt;
}

Issue missing_key(const RoutingChoice& routing) {
  if (routing.mode == RoutingMode::simulated && !routing.affinity)
    return SpecIssue{"/affinity", "simulated routing needs it",
                     R"(for example {"topics": {"count": 64, "spread": 0.3}})"};
  if (routing.mode == RoutingMode::recorded && !routing.recorded)
    return SpecIssue{"/recorded", "recorded routing needs it", R"(for example {"ids": "ids.npy"})"};
  return std::nullopt;
}

/// What a step that stands for all steps of a run cannot show.
Issue unsettled(const RoutingChoice& routing) {
  if (!routing.affinity) return std::nullopt;
  const char* hint = "leave it out here; a scenario of kind routing plays it";
  if (routing.affinity->drift != 0)
    return SpecIssue{"/affinity/drift", "a drift over steps is not modelled in a training step", hint};
  if (!routing.affinity->shifts.empty())
    return SpecIssue{"/affinity/shifts", "domain shifts are not modelled in a training step", hint};
  if (routing.affinity->token_sigma == 0)
    return SpecIssue{"/affinity/token_sigma", "without noise the tokens of a document are all alike",
                     "give a standard deviation above 0"};
  return std::nullopt;
}

}  // namespace

const Spec<RoutingChoice>& spec_of(const RoutingChoice*) {
  static const Spec<RoutingChoice> spec =
      Spec<RoutingChoice>("routing", "How tokens spread over experts.")
          .field("mode", &RoutingChoice::mode,
                 "balanced: every expert alike; stated: the loads given here; simulated: the gate routes "
                 "tokens of `affinity`; recorded: as in a file")
          .field("rank_max_over_mean", &RoutingChoice::rank_max_over_mean,
                 "expert tokens of the fullest rank over the mean: computation and NVLink",
                 optional() | at_least(1))
          .field("rank_max_over_mean_uncertainty", &RoutingChoice::rank_max_over_mean_uncertainty,
                 "plus or minus, for intervals of results", optional() | at_least(0))
          .field("node_max_over_mean", &RoutingChoice::node_max_over_mean,
                 "tokens into the fullest node over the mean: NICs; derived from the rank's when absent",
                 at_least(1))
          .field("source", &RoutingChoice::source, "where the stated loads come from", optional())
          .field("affinity", &RoutingChoice::affinity, "simulated: the logits of tokens for experts")
          .field("balancing", &RoutingChoice::balancing,
                 "simulated: settled (when absent): a bias makes the mean load over documents even; none: "
                 "popularity as it is")
          .field(
              "layers", &RoutingChoice::layers,
              "simulated: layers that are routed, 4 when absent, whose loads the model's MoE layers take in "
              "turn",
              between(1, 512))
          .field("micro_batches", &RoutingChoice::micro_batches,
                 "simulated: micro-batches that are sampled; recorded: those read at most; 128 when absent",
                 between(1, 1 << 20))
          .field("recorded", &RoutingChoice::recorded, "recorded: ids or counts, for contiguous placement")
          .check([](const RoutingChoice& routing) -> Issue {
            if (routing.mode != RoutingMode::balanced || !states(routing)) return std::nullopt;
            return SpecIssue{"/mode", "balanced routing with a stated load",
                             "use \"stated\" or leave the loads out"};
          })
          .check(foreign_key)
          .check(missing_key)
          .check(unsettled);
  return spec;
}

}  // namespace moesim
