#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// How the copies of tokens are cut into tiles: a block counts and places the copies of one tile, whole
/// tokens at most 512 copies.
struct LayoutShape {
  int tokens = 0;
  int top_k = 8;
  int experts = 256;
  int ranks = 1;        ///< each holds experts / ranks neighbours
  int alignment = 128;  ///< rows between the starts of two experts' blocks are a multiple of it

  static constexpr int kCopiesPerTile = 512;
  MOESIM_HOST_DEVICE int tokens_per_tile() const { return kCopiesPerTile / top_k; }
  MOESIM_HOST_DEVICE int copies_per_tile() const { return tokens_per_tile() * top_k; }
  MOESIM_HOST_DEVICE int num_copies() const { return tokens * top_k; }
  MOESIM_HOST_DEVICE int num_tiles() const { return (tokens + tokens_per_tile() - 1) / tokens_per_tile(); }
  /// Rows of the packed buffer at most.
  MOESIM_HOST_DEVICE std::size_t max_rows() const {
    return static_cast<std::size_t>(num_copies()) +
           static_cast<std::size_t>(experts) * static_cast<std::size_t>(alignment - 1);
  }
};

/// Why the layout kernels cannot take this shape; null where they can.
const char* layout_refusal(const LayoutShape& shape);

/// Device arrays of one layout; the outputs are those of TokenLayout and tokens_per_rank().
struct LayoutArrays {
  const int* chosen = nullptr;    ///< in: experts of the tokens, [tokens, top_k]
  int* tile_counts = nullptr;     ///< scratch, [experts, num_tiles]
  int* counts = nullptr;          ///< out: copies of each expert, [experts]
  int* offsets = nullptr;         ///< out: first row of each expert's block, [experts + 1]
  int* tokens_to_rank = nullptr;  ///< out: tokens that reach each rank, [ranks]
  int* position = nullptr;        ///< out: row of each copy, [tokens, top_k]
};

/// Counts and places all copies, the order of tokens kept within an expert: three kernels and a memset.
/// Asynchronous; throws CudaError where a launch fails. The shape must have no layout_refusal().
void launch_layout(const LayoutShape& shape, const LayoutArrays& arrays, cudaStream_t stream);

}  // namespace moesim
