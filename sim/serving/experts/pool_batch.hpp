#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "sim/routing/placement.hpp"
#include "sim/serving/experts/routed_layer.hpp"

namespace moesim {

/// Tokens at experts and nodes in a batch.
struct BatchCounts {
  std::vector<double> experts;  ///< [num_experts]
  std::vector<double> nodes;    ///< tokens that reach a node, each once, [num_nodes]
};

/// Draws batches from a pool. Batches up to the pool are whole tokens drawn from it; where the pool has an
/// expert more or less often than its chance says, choices are left out or added at random. In larger ones
/// what a batch of the size of the pool is off its mean grows as the root of the tokens.
class PoolBatches {
 public:
  /// `document_tokens`: tokens of one document that are neighbours in a batch (1: each of its own).
  PoolBatches(const RoutedPool& pool, const ExpertPlacement& placement, std::int64_t document_tokens);

  /// A batch of at most the size of the pool.
  [[nodiscard]] BatchCounts draw(std::int64_t tokens, RandomStream& random) const;
  /// A larger one that is off its mean the way `drawn`, of `drawn_tokens`, is.
  [[nodiscard]] BatchCounts scaled(const BatchCounts& drawn, double drawn_tokens, double tokens) const;

 private:
  void count_run(std::size_t first, std::size_t tokens, BatchCounts& counts) const;
  void find_reach(const ExpertPlacement& placement);
  void find_node_means(const ExpertPlacement& placement);

  const RoutedPool& pool_;
  std::int64_t document_tokens_;
  std::size_t num_nodes_;
  std::vector<double> frequency_;     ///< of experts in the pool, [num_experts]
  std::vector<float> reach_;          ///< chance that a token of the pool reaches a node, [size, num_nodes]
  std::vector<double> node_means_;    ///< of a token, [num_nodes]
  std::vector<double> node_of_pool_;  ///< the same in the pool
};

}  // namespace moesim
