#include "sim/routing_run/routed_layer.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "sim/routing/solve_offsets.hpp"
#include "sim/routing_run/recorded_steps.hpp"

namespace moesim {
namespace {

/// Choices that go to another expert than stated, beyond the noise of the sample, that are worth a word.
constexpr double kNotableShare = 0.01;

/// Standard deviation of a logit over tokens and documents.
double logit_spread(const AffinitySpec& affinity) {
  const double topics = affinity.topics.count > 0 ? affinity.topics.spread : 0;
  return std::sqrt(affinity.token_sigma * affinity.token_sigma + topics * topics);
}

void warn_of(const OffsetSolution& solution, int layer, std::vector<std::string>& warnings) {
  if (solution.num_capped > 0) {
    warnings.push_back(fmt::format(
        "layer {}: {} of the stated shares exceed what an expert can get, {} of all tokens; the excess is "
        "spread over the others",
        layer, solution.num_capped, kMostTokensOfExpert));
  }
  const double missed = solution.unreached - solution.noise;
  if (missed > kNotableShare) {
    warnings.push_back(fmt::format(
        "layer {}: {:.1f} % of the choices go to another expert than the stated shares say, which "
        "the gate cannot give",
        layer, 100 * missed));
  }
}

double violation_of(std::span<const std::uint32_t> counts) {
  const std::vector<double> load(counts.begin(), counts.end());
  return imbalance(load);
}

}  // namespace

SharedRouting::SharedRouting(const RoutingInputs& inputs)
    : gate(std::make_shared<const Gate>(inputs.gate)),
      noise(std::make_shared<const NoisePool>(inputs.model.num_experts, inputs.scenario.seed)) {}

RoutedLayer::RoutedLayer(const RoutingInputs& inputs, const SharedRouting& shared, int layer)
    : inputs_(inputs), layer_(layer), placement_(inputs) {
  const RoutingScenario& s = inputs.scenario;
  LayerAffinities affinities(inputs.affinity, inputs.model.num_experts, s.seed, layer, shared.noise,
                             s.batch.mode);
  if (const std::vector<double> shares = affinities.target_shares(); !shares.empty()) {
    const std::int64_t document =
        s.batch.mode == BatchMode::decode ? 1 : s.affinity.topics.tokens_per_document;
    const OffsetSolution solution =
        solve_offsets(affinities, *shared.gate, shares, document, logit_spread(inputs.affinity));
    std::ranges::copy(solution.offsets, affinities.offsets().begin());
    warn_of(solution, layer, warnings_);
  }
  router_.emplace(inputs.layer_spec(layer), shared.gate, std::move(affinities));
}

RoutedLayer::RoutedLayer(const RoutingInputs& inputs, int layer)
    : inputs_(inputs), layer_(layer), placement_(inputs) {}

bool RoutedLayer::counts_traffic(std::int64_t step) const {
  const std::int64_t every = inputs_.scenario.record.traffic_every;
  return every > 0 && step % every == 0;
}

void RoutedLayer::begin_step(std::int64_t step) {
  counts_traffic_ = counts_traffic(step);
  try {
    router_->begin_step(step, counts_traffic_ || placement_.needs_choices());
  } catch (const SpecError& error) {
    throw SpecError(inputs_.file, "/affinity" + error.pointer, error.what_text, error.hint);
  }
}

void RoutedLayer::end_step() {
  const LayerStep& routed = router_->end_step();
  place(routed, router_->choices());
}

void RoutedLayer::play(const RecordedSteps& recorded, std::size_t index, std::int64_t step) {
  counts_traffic_ = counts_traffic(step);
  played_ = recorded.layer_step(index);
  place(played_, recorded.choices(index));
}

void RoutedLayer::place(const LayerStep& routed, std::span<const std::uint16_t> choices) {
  routed_ = &routed;
  max_violation_ = violation_of(routed.chosen);
  expert_ = violation_of(routed.kept);
  placed_ = &placement_.load(routed.kept, choices);
  traffic_.reset();
  if (counts_traffic_) traffic_ = placement_.traffic(choices, inputs_.scenario.record.dispatch_mode);
  replan_ = placement_.end_step(routed.kept);
}

}  // namespace moesim
