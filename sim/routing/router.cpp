#include "sim/routing/router.hpp"

#include <array>
#include <cmath>
#include <stdexcept>

namespace moesim {
namespace {

RoutedLoad spread_of(const RoutingGroup& group) {
  RoutedLoad load;
  load.nodes_per_token = group.nodes_per_token;
  load.ranks_per_token = group.ranks_per_token;
  return load;
}

class BalancedRouter final : public Router {
 public:
  std::string_view name() const override { return "balanced"; }
  RoutedLoad route(const RoutingGroup& group) const override { return spread_of(group); }
};

class StatedRouter final : public Router {
 public:
  StatedRouter(double rank, std::optional<double> node) : rank_(rank), node_(node) {}
  std::string_view name() const override { return "stated"; }

  RoutedLoad route(const RoutingGroup& group) const override {
    RoutedLoad load = spread_of(group);
    load.rank_max_over_mean = rank_;
    const double ranks_per_node = static_cast<double>(group.num_ranks) / group.num_nodes;
    load.node_max_over_mean = node_.value_or(1 + (rank_ - 1) / std::sqrt(ranks_per_node));
    if (group.num_nodes == 1) load.node_max_over_mean = 1;
    return load;
  }

 private:
  double rank_;
  std::optional<double> node_;
};

}  // namespace

RoutingGroup routing_group(const ExpertSpread& spread, int num_ranks, int num_nodes) {
  const std::vector<double> reached = expected_places(spread, std::array{num_nodes, num_ranks});
  return {num_ranks, num_nodes, reached[0], reached[1]};
}

std::unique_ptr<Router> make_balanced_router() {
  return std::make_unique<BalancedRouter>();
}

std::unique_ptr<Router> make_stated_router(double rank_max_over_mean,
                                           std::optional<double> node_max_over_mean) {
  if (rank_max_over_mean < 1 || node_max_over_mean.value_or(1) < 1) {
    throw std::invalid_argument("a largest load over the mean is at least 1");
  }
  return std::make_unique<StatedRouter>(rank_max_over_mean, node_max_over_mean);
}

}  // namespace moesim
