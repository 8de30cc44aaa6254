#pragma once

#include <cstddef>
#include <cstdint>

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// 32 bits that look random, from a place in a message (the finaliser of MurmurHash3, public domain).
MOESIM_HOST_DEVICE inline std::uint32_t mixed_bits(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bU;
  x ^= x >> 13;
  x *= 0xc2b2ae35U;
  return x ^ x >> 16;
}

/// Which message a buffer holds: its bytes follow from it, so a receiver can check them by itself.
struct PatternKey {
  std::uint32_t seed = 0;
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
};

MOESIM_HOST_DEVICE inline std::uint32_t pattern_base(const PatternKey& key) {
  return mixed_bits(key.seed ^ mixed_bits(key.source * 0x9e3779b9U + key.destination + 1));
}

/// Element `i` of a message.
MOESIM_HOST_DEVICE inline std::uint16_t pattern_element(const PatternKey& key, std::size_t i) {
  const auto low = static_cast<std::uint32_t>(i);
  const auto high = static_cast<std::uint32_t>(i >> 32);
  return static_cast<std::uint16_t>(mixed_bits(pattern_base(key) + low) ^ high);
}

/// Element `i` of what a rank gives to a sum over `num_ranks` ranks: 0 or 1, such that the sum is at most 256
/// and exact in BF16 in any order.
MOESIM_HOST_DEVICE inline int summand(const PatternKey& key, std::size_t i, int num_ranks) {
  const int every = (num_ranks + 255) / 256;
  if (static_cast<int>(key.source) % every != 0) return 0;
  return pattern_element(key, i) & 1;
}

/// Value `column` of a row that a rank holds: a multiple of 1/128 in [-1, 1), exact in BF16.
MOESIM_HOST_DEVICE inline float row_value(std::uint32_t seed, int rank, int row, int column) {
  const PatternKey key{seed, static_cast<std::uint32_t>(rank), static_cast<std::uint32_t>(row)};
  return static_cast<float>(static_cast<int>(pattern_element(key, static_cast<std::size_t>(column)) & 0xff) -
                            128) /
         128.0F;
}

}  // namespace moesim
