#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "sim/load/token_spread.hpp"
#include "sim/routing/layer_loads.hpp"

namespace moesim {

/// The expert group that a router feeds.
struct RoutingGroup {
  int num_ranks = 1;           ///< EP
  int num_nodes = 1;           ///< nodes that the group spans
  double nodes_per_token = 1;  ///< expected distinct nodes that a token reaches, its own included
  double ranks_per_token = 1;  ///< expected distinct ranks
};

/// The group with what its gate reaches; see expected_places.
RoutingGroup routing_group(const ExpertSpread& spread, int num_ranks, int num_nodes);

/// The load where a rank takes `factor` times the mean at most and drops the rest; `padded`: computes and
/// receives exactly that. Ranks lie as every-GPU mode spreads them, evenly from 2 - max to max; above a max
/// of 2, where that has no room, as max x u^(max - 1) for u even in (0, 1), which has the same mean and joins
/// the former at 2 (assumed); where a profile of ranks is known, as in that. Experts of one rank count as
/// alike, so the dropped fraction is a lower bound. Intervals are cut as their means are. Throws
/// std::invalid_argument for a factor of 0 or below.
RoutedLoad with_capacity(const RoutedLoad& load, double factor, bool padded);
LayerLoads with_capacity(const LayerLoads& loads, double factor, bool padded);

/// Yields the load that drives expert GEMMs, NVLink and NIC traffic.
class Router {
 public:
  virtual ~Router() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual LayerLoads route_layers(const RoutingGroup& group) const = 0;
  /// The mean over the layers.
  [[nodiscard]] RoutedLoad route(const RoutingGroup& group) const { return route_layers(group).mean(); }
};

/// Every expert receives the same number of tokens.
std::unique_ptr<Router> make_balanced_router();

/// Loads stated as max over mean of ranks and of nodes, both at least 1. Without a node value it is derived:
/// node excess = rank excess / sqrt(ranks per node), capped at the rank's, as sums over the ranks
/// of a node average independent excesses (assumed).
/// Throws std::invalid_argument for a value below 1.
std::unique_ptr<Router> make_stated_router(double rank_max_over_mean,
                                           std::optional<double> node_max_over_mean);

}  // namespace moesim
