#pragma once

// Stands in for warp_instructions.cuh and hopper_instructions.cuh in tests: the same functions on
// fibers::Block.

#include <cuda.h>
#include <cuda_bf16.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "calib/kernels/attention/fragments.hpp"
#include "tests/calib_kernels/fibers/block.hpp"

namespace moesim::fibers {

struct ThreadIndex {
  struct Coordinate {
    operator unsigned() const { return static_cast<unsigned>(Block::current().thread()); }
  } x;
};
struct BlockIndex {
  struct X {
    operator unsigned() const { return Block::current().block_index().x; }
  } x;
  struct Y {
    operator unsigned() const { return Block::current().block_index().y; }
  } y;
};
struct GridSize {
  struct Y {
    operator unsigned() const { return Block::current().grid_size().y; }
  } y;
};

inline float bf16_at(std::uint32_t address) {
  std::uint16_t half;
  std::memcpy(&half, Block::current().at(address, 2), 2);
  const std::uint32_t bits = static_cast<std::uint32_t>(half) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
inline float half_of(std::uint32_t pair, int i) {
  const std::uint32_t bits = i == 0 ? pair << 16 : pair & 0xffff0000U;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

}  // namespace moesim::fibers

// Names of the language that device code uses.
#ifndef __launch_bounds__
#define __launch_bounds__(...)
#endif
#ifndef __grid_constant__
#define __grid_constant__
#endif
inline constexpr moesim::fibers::ThreadIndex threadIdx{};
inline constexpr moesim::fibers::BlockIndex blockIdx{};
inline constexpr moesim::fibers::GridSize gridDim{};
using std::max;
using std::min;
inline float __uint_as_float(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
#define __syncthreads() moesim::fibers::sync_block()
#define __syncwarp() moesim::fibers::Block::current().exchange(0)
#define __shfl_xor_sync(mask, value, step) moesim::fibers::shuffle_xor(value, step)
#define __any_sync(mask, predicate) moesim::fibers::any(predicate)

namespace moesim::fibers {

inline int block_threads = 0;  ///< of the running kernel
inline void sync_block() {
  Block::current().sync(0, block_threads);
}
inline float shuffle_xor(float value, int step) {
  Block& block = Block::current();
  const auto lane = static_cast<std::size_t>(block.thread() % 32 ^ step);
  return block.exchange(value)[lane];
}
inline bool any(bool predicate) {
  const auto all = Block::current().exchange(static_cast<char>(predicate));
  return std::any_of(all.begin(), all.end(), [](char x) { return x != 0; });
}

}  // namespace moesim::fibers

namespace moesim {

inline unsigned char* dynamic_shared_memory() {
  return fibers::Block::current().shared();
}
inline std::uint32_t shared_address(const void* pointer) {
  return fibers::Block::current().address_of(pointer);
}

inline float exp2_fast(float x) {
  return std::exp2(x);
}

/// "Matrix Fragments for mma.m16n8k16" of the PTX ISA: what lanes hold of A and B is put together to
/// matrices.
inline void mma_bf16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
  struct Operands {
    std::uint32_t a[4];
    std::uint32_t b[2];
  };
  const Operands mine{{a[0], a[1], a[2], a[3]}, {b0, b1}};
  fibers::Block& block = fibers::Block::current();
  const auto lanes = block.exchange(mine);
  const int lane = block.thread() % 32;
  for (int i = 0; i < 4; ++i) {
    const int row = lane / 4 + i / 2 * 8;
    const int column = lane % 4 * 2 + i % 2;
    for (int k = 0; k < 16; ++k) {
      const auto& from_a = lanes[static_cast<std::size_t>(row % 8 * 4 + k % 8 / 2)];
      const auto& from_b = lanes[static_cast<std::size_t>(column * 4 + k % 8 / 2)];
      d[i] += fibers::half_of(from_a.a[row / 8 + k / 8 * 2], k % 2) * fibers::half_of(from_b.b[k / 8], k % 2);
    }
  }
}

inline void load_matrices(std::uint32_t (&r)[4], std::uint32_t address, bool transposed) {
  fibers::Block& block = fibers::Block::current();
  const auto addresses = block.exchange(address);
  const int lane = block.thread() % 32;
  for (int i = 0; i < 4; ++i) {
    std::uint16_t pair[2];
    for (int half = 0; half < 2; ++half) {
      const int row = transposed ? lane % 4 * 2 + half : lane / 4;
      const int column = transposed ? lane / 4 : lane % 4 * 2 + half;
      const std::uint32_t from = addresses[static_cast<std::size_t>(8 * i + row)];
      if (from % 16 != 0) throw std::runtime_error("ldmatrix from an address that is no multiple of 16");
      std::memcpy(&pair[half], block.at(from + static_cast<std::uint32_t>(2 * column), 2), 2);
    }
    r[i] = pair[0] | static_cast<std::uint32_t>(pair[1]) << 16;
  }
}
inline void ldmatrix_x4(std::uint32_t (&r)[4], std::uint32_t address) {
  load_matrices(r, address, false);
}
inline void ldmatrix_x4_transposed(std::uint32_t (&r)[4], std::uint32_t address) {
  load_matrices(r, address, true);
}

inline void copy_async(std::uint32_t to, const void* from, bool valid) {
  fibers::Block& block = fibers::Block::current();
  if (to % 16 != 0 || reinterpret_cast<std::uintptr_t>(from) % 16 != 0)
    throw std::runtime_error("cp.async not aligned");
  auto& groups = block.copies();
  if (groups.empty()) groups.emplace_back();
  groups.back().push_back([&block, to, from, valid] {
    unsigned char* at = block.at(to, 16);
    if (valid) {
      std::memcpy(at, from, 16);
    } else {
      std::memset(at, 0, 16);
    }
  });
}
inline void commit_copies() {
  auto& groups = fibers::Block::current().copies();
  if (groups.empty()) groups.emplace_back();
  groups.emplace_back();  // the group that is open
}
template <int kPending>
inline void wait_copies() {
  auto& groups = fibers::Block::current().copies();
  while (static_cast<int>(groups.size()) - 1 > kPending) {
    for (const auto& copy : groups.front()) copy();
    groups.pop_front();
  }
}

}  // namespace moesim
