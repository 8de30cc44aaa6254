#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/schedule/pass_blocks.hpp"

namespace moesim {

// What data parallelism adds to the blocks of a stage. Items of a stage are told apart by
// BlockOperation::item; operations that are added run on Lane::data_parallel.

/// How weights come to a half of a block.
struct GatherPlan {
  std::vector<std::optional<std::uint32_t>> costs;  ///< [num_items] what is gathered before an item computes
  std::optional<int> prefetch;  ///< items ahead of the one that computes; absent: all at once, first of all
};

/// The block with the gathers in front of the items of `half`, in its own order. With a prefetch of p the
/// gather of an item waits until p + 1 items before it are done, and the first ones wait for the computation
/// before the block.
Block with_gathers(const Block& block, Half half, const GatherPlan& plan);

/// Collectives that sum the gradients of a bucket, after the last weight gradient of its `item`.
struct Reduction {
  std::int16_t item = 0;
  std::vector<std::uint32_t> costs;
};

/// The block with reductions behind the backward operations of their items; what has no such operation is
/// left out.
Block with_reductions(const Block& block, Half half, const std::vector<Reduction>& reductions);

}  // namespace moesim
