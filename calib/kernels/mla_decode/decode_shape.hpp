#pragma once

#include "calib/kernels/host_device.hpp"

namespace moesim {

// Multi-head latent attention with the up-projections absorbed: one latent vector per token of cache serves
// every head, as key with all of its elements and as value with the first kDecodeValueDim.
inline constexpr int kDecodeKeyDim = 576;  ///< 512 of latent, 64 of rotary embedding
inline constexpr int kDecodeValueDim = 512;
inline constexpr int kPageTokens = 64;   ///< tokens in a page of the cache, and in a tile of the kernels
inline constexpr int kTileQueries = 64;  ///< rows of a tile of queries

/// Shape of a call: query [batch, queries, heads, 576], output [batch, queries, heads, 512].
struct DecodeShape {
  int batch = 1;
  int queries = 1;  ///< tokens to predict at once; the last one sees the whole cache
  int heads = 128;

  /// Rows of the score matrix of one sequence; row r is head r % heads of query token r / heads.
  [[nodiscard]] constexpr int rows() const { return queries * heads; }
  [[nodiscard]] constexpr int row_tiles() const { return (rows() + kTileQueries - 1) / kTileQueries; }
};

/// Tiles of a sequence. An empty one has a tile too, all of it masked, so that its output is written.
MOESIM_HOST_DEVICE constexpr int num_tiles(int length) {
  return length <= kPageTokens ? 1 : (length + kPageTokens - 1) / kPageTokens;
}

/// How many tokens from `first_token` on row `row` sees; may be negative or exceed the tile.
MOESIM_HOST_DEVICE constexpr int visible_tokens(int row, int heads, int queries, int length,
                                                int first_token) {
  const int token = row / heads;
  const int unseen = token < queries ? queries - 1 - token : 0;
  return length - unseen - first_token;
}

}  // namespace moesim
