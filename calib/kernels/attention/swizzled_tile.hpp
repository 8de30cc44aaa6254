#pragma once

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// Columns of BF16 in one block of a shared-memory tile: 128 bytes, the width of the widest swizzle.
inline constexpr int kBlockColumns = 64;

/// Byte offset of a block of 64 columns in a tile of `rows` rows.
MOESIM_HOST_DEVICE constexpr int block_offset(int column, int rows) {
  return column / kBlockColumns * rows * 128;
}

/// Byte offset of element (row, column) of a BF16 tile of `rows` rows and any multiple of 64 columns. Blocks
/// of 64 columns follow one another; in a block a row has 128 bytes, whose eight 16-byte chunks are permuted
/// by xor with row % 8. It is what TMA writes with CU_TENSOR_MAP_SWIZZLE_128B and what wgmma reads with
/// layout type 1, provided that the tile starts at a multiple of 1024 bytes. Eight rows of one chunk column
/// lie in different banks, so ldmatrix has no conflicts.
MOESIM_HOST_DEVICE constexpr int swizzled_offset(int row, int column, int rows) {
  const int chunk = column % kBlockColumns / 8;
  return block_offset(column, rows) + row * 128 + ((chunk ^ (row % 8)) * 16) + column % 8 * 2;
}

/// Bytes of such a tile.
MOESIM_HOST_DEVICE constexpr int tile_bytes(int rows, int columns) {
  return rows * columns * 2;
}

}  // namespace moesim
