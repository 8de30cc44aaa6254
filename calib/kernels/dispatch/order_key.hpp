#pragma once

#include <cstdint>

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// The key of what is never chosen: below that of every number, -infinity included.
inline constexpr std::uint32_t kNoKey = 0;

/// Bits of a float as an unsigned number in the order of the floats, for the integer maximum over a warp.
/// -0 and +0 differ; NaN has no place in the order.
MOESIM_HOST_DEVICE inline std::uint32_t order_key(std::uint32_t float_bits) {
  return (float_bits & 0x80000000U) != 0 ? ~float_bits : float_bits | 0x80000000U;
}

/// The bits that order_key() made the key of.
MOESIM_HOST_DEVICE inline std::uint32_t bits_of_key(std::uint32_t key) {
  return (key & 0x80000000U) != 0 ? key & 0x7fffffffU : ~key;
}

}  // namespace moesim
