#pragma once

#include <cstddef>
#include <cstdint>

#include "calib/kernels/host_device.hpp"

namespace moesim {

// How the kernels of copy bandwidth cut a buffer of 16-byte vectors: a block moves one tile of
// kTileVectors, its threads neighbours, each thread kTileSteps vectors a block's width apart.
inline constexpr int kTileThreads = 256;
inline constexpr int kTileSteps = 4;
inline constexpr std::size_t kTileVectors = std::size_t{kTileThreads} * kTileSteps;

/// The vector that a thread moves in a step; beyond the buffer for the end of the last tile.
MOESIM_HOST_DEVICE inline std::size_t tile_vector(std::size_t tile, unsigned thread, int step) {
  return tile * kTileVectors + static_cast<std::size_t>(step) * kTileThreads + thread;
}

MOESIM_HOST_DEVICE inline std::size_t num_tiles(std::size_t num_vectors) {
  return (num_vectors + kTileVectors - 1) / kTileVectors;
}

/// The tile that a block reads in a pass over a buffer in L2: blocks move on by a stride from pass to pass,
/// so that no SM reads what its L1 may hold.
MOESIM_HOST_DEVICE inline std::size_t pass_tile(std::size_t block, int pass, std::size_t tiles) {
  return (block + static_cast<std::size_t>(pass) * (tiles / 3 + 1)) % tiles;
}

/// The word that the writing kernel stores at a place, and that buffers to be read are filled with.
MOESIM_HOST_DEVICE inline std::uint32_t pattern_word(std::size_t place, std::uint32_t seed) {
  const auto low = static_cast<std::uint32_t>(place);
  const auto high = static_cast<std::uint32_t>(place >> 32U);
  std::uint32_t word = (low ^ seed) * 0x9e3779b1U + high;  // 2^32 over the golden ratio (Knuth, TAOCP 6.4)
  word ^= word >> 15U;
  return word * 0x85ebca6bU;
}

}  // namespace moesim
