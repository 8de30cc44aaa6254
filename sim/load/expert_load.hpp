#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace moesim {

/// Tokens that chose each expert, [num_layers, num_experts], counted over one expert group and one
/// micro-batch.
class ExpertLoad {
 public:
  ExpertLoad(std::size_t num_layers, std::size_t num_experts);

  [[nodiscard]] std::size_t num_layers() const { return num_layers_; }
  [[nodiscard]] std::size_t num_experts() const { return num_experts_; }
  [[nodiscard]] double& at(std::size_t layer, std::size_t expert);
  [[nodiscard]] double at(std::size_t layer, std::size_t expert) const;
  [[nodiscard]] std::span<const double> layer(std::size_t layer) const;

  /// Sums of consecutive experts of a layer, [num_groups]: ranks, nodes or gate groups under contiguous
  /// placement. Throws std::invalid_argument where num_groups does not divide num_experts.
  [[nodiscard]] std::vector<double> grouped(std::size_t layer, std::size_t num_groups) const;

 private:
  std::size_t num_layers_;
  std::size_t num_experts_;
  std::vector<double> tokens_;
};

/// Largest over mean; 1 for an empty or all-zero load.
double max_over_mean(std::span<const double> load);

}  // namespace moesim
