#include "sim/training/routing_curve.hpp"

#include <functional>
#include <stdexcept>

namespace moesim {
namespace {

RoutedLoad load_at(SimulatedRouting& routing, const RoutingGroup& group, double spread) {
  routing.affinity.topics.spread = spread;
  return make_simulated_router(routing)->route(group);
}

/// The spread where `value` of a load, which grows with it, is `wanted`, within 0.002; nothing where a
/// spread of 4 has less or none more.
std::optional<double> spread_at(double wanted, const std::function<double(double)>& value) {
  constexpr double kMost = 4, kClose = 0.002;
  double low = 0, high = 0.25;
  if (value(0) > wanted) return std::nullopt;
  for (; value(high) < wanted; low = high, high *= 2) {
    if (high >= kMost) return std::nullopt;
  }
  while (high - low > kClose) {
    const double middle = (low + high) / 2;
    (value(middle) < wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

RoutingCurve routing_curve(const TrainingInputs& inputs, std::span<const double> spreads,
                           const CurveOptions& options) {
  if (inputs.group.num_ranks < 2) throw std::invalid_argument("no expert group of several ranks");
  RoutingChoice choice = inputs.scenario.routing;
  RoutingCurve curve;
  if (choice.mode == RoutingMode::stated) curve.stated = choice.rank_max_over_mean;
  if (!choice.affinity) {
    choice.affinity.emplace();
    choice.affinity->topics.count = options.num_topics;
    choice.affinity->topics.tokens_per_document = options.tokens_per_document;
  }
  curve.routing = simulated_routing(inputs, choice);
  for (const double spread : spreads)
    curve.points.push_back({spread, load_at(curve.routing, inputs.group, spread)});
  if (!curve.stated) return curve;
  SimulatedRouting searched = curve.routing;
  const auto solve = [&](double (*value)(const RoutedLoad&)) {
    return spread_at(*curve.stated,
                     [&](double spread) { return value(load_at(searched, inputs.group, spread)); });
  };
  curve.spread_of_stated = solve([](const RoutedLoad& load) { return load.rank_max_over_mean; });
  curve.least_spread_of_stated = solve([](const RoutedLoad& load) { return load.rank_interval.p90; });
  curve.most_spread_of_stated = solve([](const RoutedLoad& load) { return load.rank_interval.p10; });
  return curve;
}

}  // namespace moesim
