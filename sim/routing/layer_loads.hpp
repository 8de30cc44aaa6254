#pragma once

#include <cstddef>
#include <vector>

namespace moesim {

/// The 10th and the 90th of a hundred micro-batches.
struct LoadInterval {
  double p10 = 1;
  double p90 = 1;
};

/// What routing does to one expert group, in one MoE layer and per micro-batch: means over micro-batches.
struct RoutedLoad {
  double rank_max_over_mean = 1;  ///< expert tokens of the fullest rank over the mean: computation and NVLink
  double node_max_over_mean = 1;  ///< tokens into the fullest node over the mean: NICs
  double nodes_per_token = 1;     ///< expected distinct nodes that a token reaches, its own included
  double ranks_per_token = 1;     ///< expected distinct ranks
  double rows_over_chosen = 1;    ///< mean expert rows over tokens x top-k: below 1 dropped, above 1 padded
  double dropped_fraction = 0;    ///< of the choices of tokens
  /// Tokens into the busiest NIC over the mean, where every GPU sends to its index on other nodes: as the
  /// node where sources are not told apart.
  double nic_max_over_mean = 1;
  LoadInterval rank_interval;  ///< of rank_max_over_mean, where micro-batches differ
  LoadInterval node_interval;
  double share_of_excess = 1;  ///< this layer's excess of the fullest rank over that of the fullest layer
  /// Loads of the ranks over the mean, ascending, each the mean over micro-batches, [num_ranks]; empty where
  /// only the fullest is known.
  std::vector<double> rank_profile;

  [[nodiscard]] double kept() const { return 1 - dropped_fraction; }
};

/// Loads of a model's MoE layers, those of multi-token-prediction modules behind the others. Few distinct
/// ones are taken in turn, so that each is priced once.
class LayerLoads {
 public:
  /// Every layer alike.
  LayerLoads(RoutedLoad load = {});  // NOLINT: one load is the loads of all layers
  /// Sets share_of_excess of each. Throws std::invalid_argument for none.
  explicit LayerLoads(std::vector<RoutedLoad> distinct);

  [[nodiscard]] const std::vector<RoutedLoad>& distinct() const { return distinct_; }
  /// Which of the distinct loads an MoE layer has; the first MoE layer is 0.
  [[nodiscard]] std::size_t index_of(int moe_layer) const;
  [[nodiscard]] const RoutedLoad& of(int moe_layer) const { return distinct_[index_of(moe_layer)]; }
  /// That whose fullest rank has the most.
  [[nodiscard]] const RoutedLoad& fullest() const { return distinct_[fullest_]; }
  /// Of the distinct ones, without a profile where there are several.
  [[nodiscard]] RoutedLoad mean() const;

 private:
  std::vector<RoutedLoad> distinct_;
  std::size_t fullest_ = 0;
};

}  // namespace moesim
