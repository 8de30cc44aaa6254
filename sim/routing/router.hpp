#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "sim/load/token_spread.hpp"

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

/// What routing does to one expert group, per MoE layer and micro-batch.
struct RoutedLoad {
  double rank_max_over_mean = 1;  ///< expert tokens of the fullest rank over the mean: computation and NVLink
  double node_max_over_mean = 1;  ///< tokens into the fullest node over the mean: NICs
  double nodes_per_token = 1;     ///< expected distinct nodes that a token reaches, its own included
  double ranks_per_token = 1;     ///< expected distinct ranks
};

/// Yields the load that drives expert GEMMs, NVLink and NIC traffic.
class Router {
 public:
  virtual ~Router() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual RoutedLoad route(const RoutingGroup& group) const = 0;
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
