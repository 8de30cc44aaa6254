#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/routing/micro_batch_loads.hpp"

namespace moesim {

/// Counts where the tokens of a micro-batch go, from the experts that each chose, under contiguous placement.
class TokenCounts {
 public:
  TokenCounts(const MicroBatch& batch, int num_experts);

  /// A token that `rank` brought; unused choices (65535) count for nobody.
  void add(int rank, std::span<const std::uint16_t> experts);
  /// The load so far, and zeros from here on.
  [[nodiscard]] MicroBatchLoad take();
  /// Of all tokens so far.
  [[nodiscard]] double nodes_per_token() const;
  [[nodiscard]] double ranks_per_token() const;

 private:
  MicroBatch batch_;
  std::size_t num_experts_;
  std::size_t ranks_per_node_;
  MicroBatchLoad load_;
  std::vector<std::int64_t> last_at_rank_, last_at_node_;  ///< the token that reached it last
  std::int64_t num_tokens_ = 0;
  std::int64_t rank_visits_ = 0;
  std::int64_t node_visits_ = 0;
};

}  // namespace moesim
