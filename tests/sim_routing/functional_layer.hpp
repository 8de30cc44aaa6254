#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "base/math.hpp"
#include "sim/routing/layer_routing.hpp"

namespace moesim::test {

/// The layer of the loss-free paper's functional simulation: sigmoid of N(0, 1) + 0.5 x a fixed N(0, 1) of
/// the expert, 64 experts, top-6.
struct FunctionalLayer {
  std::uint64_t seed = 1;
  std::int64_t tokens = 16384;
  BiasSchedule bias;
  AffinitySpec affinity = fixed_popularity(0.5);
  LossSpec losses;
  double reinforcement = 0;
  Scoring scoring = Scoring::sigmoid;

  static constexpr int kExperts = 64;
  static constexpr int kTopK = 6;

  static AffinitySpec fixed_popularity(double sigma) {
    AffinitySpec affinity;
    affinity.popularity.law = PopularityLaw::logit_normal;
    affinity.popularity.sigma = sigma;
    return affinity;
  }

  [[nodiscard]] LayerRouting make() const {
    GateSpec gate;
    gate.num_experts = kExperts;
    gate.top_k = kTopK;
    gate.scoring = scoring;
    gate.normalise = true;
    gate.has_bias = true;
    LayerRoutingSpec spec;
    spec.bias = bias;
    spec.losses = losses;
    spec.loss_dynamics = {.effect = 5, .pull = 0.002, .max_step = 0.05};
    spec.loss_shape = {kExperts, kTopK, 1, 1};
    spec.reinforcement = reinforcement;
    spec.tokens = tokens;
    spec.seed = seed;
    return {spec, std::make_shared<const Gate>(gate),
            LayerAffinities(affinity, kExperts, seed, 0, std::make_shared<const NoisePool>(kExperts, seed))};
  }
};

inline BiasSchedule speed(double u) {
  BiasSchedule bias;
  bias.bias_update_speed = u;
  return bias;
}

/// (greatest - mean) / mean.
inline double violation(std::span<const std::uint32_t> counts) {
  const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
  return *std::max_element(counts.begin(), counts.end()) * static_cast<double>(counts.size()) / sum - 1;
}

/// Violations of `steps` steps of a layer.
inline std::vector<double> violations(LayerRouting& layer, std::int64_t steps) {
  RoutingScratch scratch;
  std::vector<double> all;
  for (std::int64_t step = 0; step < steps; ++step)
    all.push_back(violation(layer.run_step(step, scratch).chosen));
  return all;
}
inline std::vector<double> violations(const FunctionalLayer& layer, std::int64_t steps) {
  LayerRouting made = layer.make();
  return violations(made, steps);
}

inline double mean_from(const std::vector<double>& values, std::size_t first, std::size_t last) {
  return mean(std::span(values).subspan(first, last - first));
}

/// The first step whose violation is below `limit`; as many as there are without one.
inline double settling_step(const std::vector<double>& values, double limit) {
  const auto found = std::find_if(values.begin(), values.end(), [&](double v) { return v < limit; });
  return static_cast<double>(found - values.begin());
}

}  // namespace moesim::test
