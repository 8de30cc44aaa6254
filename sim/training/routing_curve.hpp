#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/training/routed_loads.hpp"

namespace moesim {

/// Loads at one topic spread, the mean over the simulated layers.
struct SpreadPoint {
  double spread = 0;
  RoutedLoad load;
};

/// The imbalance of a scenario's expert groups against topic spread.
struct RoutingCurve {
  SimulatedRouting routing;  ///< with the spread of the last point
  std::vector<SpreadPoint> points;
  std::optional<double> stated;  ///< the scenario's rank_max_over_mean, where its routing states one
  /// The spread whose fullest rank has that, and where the 10th and 90th of a hundred micro-batches have it.
  std::optional<double> spread_of_stated, least_spread_of_stated, most_spread_of_stated;
};

/// What the scenario does not say: its own affinity has other keys.
struct CurveOptions {
  int num_topics = 64;
  std::int64_t tokens_per_document = 4096;
};

/// The curve at `spreads`, ascending. Affinities are the scenario's where its routing is simulated, else
/// those of `options`. Throws std::invalid_argument for a plan without expert groups.
RoutingCurve routing_curve(const TrainingInputs& inputs, std::span<const double> spreads,
                           const CurveOptions& options);

}  // namespace moesim
