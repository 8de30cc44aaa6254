#pragma once

#include <cstdint>

#include "calib/kernels/host_device.hpp"

namespace moesim {

// Descriptors of wgmma operands in shared memory with the 128-byte swizzle ("Matrix Descriptor Format" in the
// PTX ISA): bits 0-13 address / 16, 16-29 leading offset / 16, 32-45 stride offset / 16, 62-63 layout (1).

MOESIM_HOST_DEVICE constexpr std::uint64_t swizzled_descriptor(std::uint32_t address, int leading_bytes,
                                                               int stride_bytes) {
  return (static_cast<std::uint64_t>(address) >> 4 & 0x3fff) |
         static_cast<std::uint64_t>(leading_bytes >> 4) << 16 |
         static_cast<std::uint64_t>(stride_bytes >> 4) << 32 | std::uint64_t{1} << 62;
}

/// An operand stored as [m or n, k] in blocks of 64 columns of k (swizzled_tile.hpp): groups of eight rows
/// are 1024 bytes apart; the leading offset is not used. The next 16 of k inside a block are 32 bytes
/// further.
MOESIM_HOST_DEVICE constexpr std::uint64_t descriptor_by_rows(std::uint32_t address) {
  return swizzled_descriptor(address, 16, 1024);
}

/// An operand B stored as [k, n] in blocks of 64 columns of n, each of `rows` rows of k: the leading offset
/// leads to the next block, the stride offset to the next eight of k. The next 16 of k are 2048 bytes
/// further.
MOESIM_HOST_DEVICE constexpr std::uint64_t descriptor_by_columns(std::uint32_t address, int rows) {
  return swizzled_descriptor(address, rows * 128, 1024);
}

/// The descriptor of what lies `bytes` further (a multiple of 16); the address must not run over its 14 bits.
MOESIM_HOST_DEVICE constexpr std::uint64_t advance(std::uint64_t descriptor, int bytes) {
  const auto low = static_cast<std::uint32_t>(descriptor) + static_cast<std::uint32_t>(bytes / 16);
  return (descriptor & 0xffffffff00000000) | low;
}

}  // namespace moesim
