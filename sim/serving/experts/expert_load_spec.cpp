#include "sim/serving/experts/expert_load_spec.hpp"

namespace moesim {
namespace {

/// A table of means needs a popularity whose spread stays.
std::optional<SpecIssue> check_affinity(const ExpertLoadSpec& spec) {
  const AffinitySpec affinity = spec.of_tokens();
  if (!affinity.shifts.empty()) {
    return SpecIssue{"/affinity/shifts", "a shift of domain while a fleet serves is not modelled",
                     "leave it out, or give the load before and after it in two scenarios"};
  }
  if (affinity.drift > 0 && affinity.popularity.law == PopularityLaw::even) {
    return SpecIssue{"/affinity/drift", "an even popularity drifts away without bound",
                     "give a popularity with a spread, or no drift"};
  }
  return std::nullopt;
}

}  // namespace

AffinitySpec serving_affinity() {
  AffinitySpec affinity;
  affinity.popularity.law = PopularityLaw::lognormal;
  affinity.popularity.sigma = 0.986;
  affinity.drift = 0.0026;
  return affinity;
}

const Spec<ServingEplb>& spec_of(const ServingEplb*) {
  static const Spec<ServingEplb> spec =
      Spec<ServingEplb>("eplb", "When and from which loads experts are placed anew while serving.")
          .field("on", &ServingEplb::on, "experts lie as EPLB plans; else in order, as at the start",
                 optional())
          .field("replan_every", &ServingEplb::replan_every, "from plan to plan (assumed: DeepSeek's 10 min)",
                 above(0) | optional() | example("600 s"))
          .field("window", &ServingEplb::window, "whose loads a plan sums (assumed)",
                 above(0) | optional() | example("600 s"))
          .field("lag", &ServingEplb::lag,
                 "from the end of the window until the weights have moved (assumed)",
                 optional() | example("60 s"));
  return spec;
}

const Spec<ExpertLoadSpec>& spec_of(const ExpertLoadSpec*) {
  static const Spec<ExpertLoadSpec> spec =
      Spec<ExpertLoadSpec>("experts", "How the tokens of iterations spread over experts.")
          .field("mode", &ExpertLoadSpec::mode,
                 "balanced: evenly, by force; simulated: as the router chooses", optional())
          .field("affinity", &ExpertLoadSpec::affinity,
                 "of simulated; absent: lognormal popularity of sigma 0.986 with a slow drift", optional())
          .field("affinity_step", &ExpertLoadSpec::affinity_step,
                 "time in which an expert's logit drifts by affinity.drift",
                 above(0) | optional() | example("1 s"))
          .field("redraw_every", &ExpertLoadSpec::redraw_every,
                 "iterations that a unit keeps a load before it draws another", between(1, 1e9) | optional())
          .field("eplb", &ExpertLoadSpec::eplb, "placement of experts", optional())
          .check(check_affinity);
  return spec;
}

}  // namespace moesim
