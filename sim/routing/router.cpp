#include "sim/routing/router.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/math.hpp"

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
  LayerLoads route_layers(const RoutingGroup& group) const override { return spread_of(group); }
};

class StatedRouter final : public Router {
 public:
  StatedRouter(double rank, std::optional<double> node) : rank_(rank), node_(node) {}
  std::string_view name() const override { return "stated"; }

  LayerLoads route_layers(const RoutingGroup& group) const override {
    RoutedLoad load = spread_of(group);
    load.rank_max_over_mean = rank_;
    const double ranks_per_node = static_cast<double>(group.num_ranks) / group.num_nodes;
    load.node_max_over_mean = node_.value_or(1 + (rank_ - 1) / std::sqrt(ranks_per_node));
    if (group.num_nodes == 1) load.node_max_over_mean = 1;
    load.nic_max_over_mean = load.node_max_over_mean;
    return load;
  }

 private:
  double rank_;
  std::optional<double> node_;
};

/// Mean over ranks of min(load, limit) where the fullest has `most` times the mean of 1.
double mean_below(double limit, double most) {
  if (limit >= most) return 1;
  if (most > 2) {
    const double u = exp_det(log_det(limit / most) / (most - 1));
    return limit / most * u + limit * (1 - u);
  }
  const double least = 2 - most;
  if (limit <= least) return limit;
  return ((limit * limit - least * least) / 2 + limit * (most - limit)) / (most - least);
}

}  // namespace

RoutingGroup routing_group(const ExpertSpread& spread, int num_ranks, int num_nodes) {
  const std::vector<double> reached = expected_places(spread, std::array{num_nodes, num_ranks});
  return {num_ranks, num_nodes, reached[0], reached[1]};
}

RoutedLoad with_capacity(const RoutedLoad& load, double factor, bool padded) {
  if (!(factor > 0)) throw std::invalid_argument("a capacity factor is above 0");
  RoutedLoad limited = load;
  double kept = 0;
  for (double& rank : limited.rank_profile) kept += (rank = std::min(rank, factor));
  kept = load.rank_profile.empty() ? mean_below(factor, load.rank_max_over_mean)
                                   : kept / static_cast<double>(load.rank_profile.size());
  for (double& rank : limited.rank_profile) rank = padded ? 1 : rank / kept;
  limited.dropped_fraction = 1 - kept;
  limited.rows_over_chosen = padded ? factor : kept;
  const auto cut_rank = [&](double& most) { most = padded ? 1 : std::min(most, factor) / kept; };
  cut_rank(limited.rank_max_over_mean);
  cut_rank(limited.rank_interval.p10);
  cut_rank(limited.rank_interval.p90);
  const double excess = load.rank_max_over_mean - 1;
  const double left = excess > 0 ? (limited.rank_max_over_mean - 1) / excess : 0;
  const auto cut_node = [&](double& most) { most = 1 + (most - 1) * left; };
  cut_node(limited.node_max_over_mean);
  cut_node(limited.nic_max_over_mean);
  cut_node(limited.node_interval.p10);
  cut_node(limited.node_interval.p90);
  return limited;
}

LayerLoads with_capacity(const LayerLoads& loads, double factor, bool padded) {
  std::vector<RoutedLoad> limited;
  for (const RoutedLoad& load : loads.distinct()) limited.push_back(with_capacity(load, factor, padded));
  return LayerLoads(std::move(limited));
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
