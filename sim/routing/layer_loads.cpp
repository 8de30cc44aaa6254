#include "sim/routing/layer_loads.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace moesim {

LayerLoads::LayerLoads(RoutedLoad load) : LayerLoads(std::vector{std::move(load)}) {}

LayerLoads::LayerLoads(std::vector<RoutedLoad> distinct) : distinct_(std::move(distinct)) {
  if (distinct_.empty()) throw std::invalid_argument("no layer's load");
  const auto most = std::ranges::max_element(distinct_, {}, &RoutedLoad::rank_max_over_mean);
  fullest_ = static_cast<std::size_t>(most - distinct_.begin());
  const double excess = most->rank_max_over_mean - 1;
  for (RoutedLoad& load : distinct_) {
    const bool alike = load.rank_max_over_mean == most->rank_max_over_mean;
    load.share_of_excess = alike ? 1 : (load.rank_max_over_mean - 1) / excess;
  }
}

std::size_t LayerLoads::index_of(int moe_layer) const {
  return static_cast<std::size_t>(moe_layer) % distinct_.size();
}

RoutedLoad LayerLoads::mean() const {
  if (distinct_.size() == 1) return distinct_.front();
  RoutedLoad mean;
  for (double RoutedLoad::*part :
       {&RoutedLoad::rank_max_over_mean, &RoutedLoad::node_max_over_mean, &RoutedLoad::nic_max_over_mean,
        &RoutedLoad::nodes_per_token, &RoutedLoad::ranks_per_token, &RoutedLoad::rows_over_chosen,
        &RoutedLoad::dropped_fraction, &RoutedLoad::share_of_excess}) {
    mean.*part = 0;
    for (const RoutedLoad& load : distinct_) mean.*part += load.*part / static_cast<double>(distinct_.size());
  }
  for (LoadInterval RoutedLoad::*interval : {&RoutedLoad::rank_interval, &RoutedLoad::node_interval}) {
    mean.*interval = {0, 0};
    for (const RoutedLoad& load : distinct_) {
      (mean.*interval).p10 += (load.*interval).p10 / static_cast<double>(distinct_.size());
      (mean.*interval).p90 += (load.*interval).p90 / static_cast<double>(distinct_.size());
    }
  }
  return mean;
}

}  // namespace moesim
