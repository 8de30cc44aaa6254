#pragma once

// Products of a warp on tiles laid out as in swizzled_tile.hpp, with instructions of sm_80 and later.

#include <cuda_bf16.h>

#include <cstdint>
#include <cstring>

#include "calib/kernels/attention/fragments.hpp"
#include "calib/kernels/attention/swizzled_tile.hpp"
#include "calib/kernels/attention/warp_instructions.cuh"

namespace moesim {

/// The dynamic shared memory from its first multiple of 1024 bytes on; 1023 bytes may be lost.
__device__ inline unsigned char* aligned_shared_memory() {
  unsigned char* memory = dynamic_shared_memory();
  const std::uint32_t misalignment = shared_address(memory) % 1024;
  return memory + (misalignment == 0 ? 0 : 1024 - misalignment);
}

/// Two FP32 as BF16, the first in the low half.
__device__ inline std::uint32_t pack_bf16(float low, float high) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  std::uint32_t bits;
  memcpy(&bits, &pair, sizeof(bits));
  return bits;
}

/// Operand A of the accumulators of two neighbouring n8 tiles, rounded to BF16.
__device__ inline void operand_of(std::uint32_t (&a)[4], const float (&left)[4], const float (&right)[4]) {
  a[0] = pack_bf16(left[0], left[1]);
  a[1] = pack_bf16(left[2], left[3]);
  a[2] = pack_bf16(right[0], right[1]);
  a[3] = pack_bf16(right[2], right[3]);
}

/// acc[16, 8 kTiles] += A[16, kDepth] B[8 kTiles, kDepth]^T. A: rows from `row_a` of a tile of kRowsA rows at
/// shared address `a`; B: rows from `row_b` of a tile of kRowsB rows at `b`.
template <int kDepth, int kTiles, int kRowsA, int kRowsB>
__device__ inline void multiply_nt(float (&acc)[kTiles][4], std::uint32_t a, int row_a, std::uint32_t b,
                                   int row_b) {
  static_assert(kTiles % 2 == 0 && kDepth % kBlockColumns == 0);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const RowColumn at_a = ldmatrix_a(lane);
  const RowColumn at_b = ldmatrix_b(lane);
#pragma unroll 1  // unrolled, it would keep many addresses in registers
  for (int block = 0; block < kDepth; block += kBlockColumns) {
#pragma unroll 2
    for (int k = 0; k < kBlockColumns; k += 16) {
      std::uint32_t left[4];
      ldmatrix_x4(left, a + swizzled_offset(row_a + at_a.row, k + at_a.column, kRowsA));
#pragma unroll
      for (int n = 0; n < kTiles; n += 2) {
        std::uint32_t right[4];
        ldmatrix_x4(right, b + swizzled_offset(row_b + 8 * n + at_b.row, k + at_b.column, kRowsB));
        mma_bf16(acc[n], left, right[0], right[1]);
        mma_bf16(acc[n + 1], left, right[2], right[3]);
      }
    }
    a += block_offset(kBlockColumns, kRowsA);
    b += block_offset(kBlockColumns, kRowsB);
  }
}

/// acc[16, 8 kTiles] += P[16, 16] B[16, 8 kTiles] with P in registers; B: 16 rows from `row_b` and columns
/// from `column_b` (a multiple of 64) of a tile of kRowsB rows at shared address `b`, stored as [k, n].
template <int kTiles, int kRowsB>
__device__ inline void multiply_step(float (&acc)[kTiles][4], const std::uint32_t (&p)[4], std::uint32_t b,
                                     int row_b, int column_b) {
  static_assert(kTiles % 2 == 0);
  const RowColumn at = ldmatrix_b_transposed(static_cast<int>(threadIdx.x) % 32);
#pragma unroll
  for (int n = 0; n < kTiles; n += 2) {
    std::uint32_t right[4];
    ldmatrix_x4_transposed(right, b + swizzled_offset(row_b + at.row, column_b + 8 * n + at.column, kRowsB));
    mma_bf16(acc[n], p, right[0], right[1]);
    mma_bf16(acc[n + 1], p, right[2], right[3]);
  }
}

/// acc[16, 8 kTiles] += P[16, 8 kSteps] B[8 kSteps, 8 kTiles]: P as FP32 accumulators, rounded here to BF16.
template <int kSteps, int kTiles, int kRowsB>
__device__ inline void multiply_nn(float (&acc)[kTiles][4], const float (&p)[kSteps][4], std::uint32_t b,
                                   int row_b) {
  static_assert(kSteps % 2 == 0);
#pragma unroll
  for (int k = 0; k < kSteps; k += 2) {
    std::uint32_t left[4];
    operand_of(left, p[k], p[k + 1]);
    multiply_step<kTiles, kRowsB>(acc, left, b, row_b + 8 * k, 0);
  }
}

/// Starts copying a tile of kRows x kColumns BF16 with all kThreads threads of the block. `row_address(row)`
/// is a function of the row that gives the address of its first element in global memory, or null for a row
/// of zeros.
template <int kRows, int kColumns, int kThreads, class RowAddress>
__device__ inline void copy_tile(std::uint32_t to, RowAddress row_address, const __nv_bfloat16* somewhere) {
  constexpr int kChunks = kColumns / 8;
  static_assert(kRows * kChunks % kThreads == 0);
#pragma unroll 1
  for (int i = static_cast<int>(threadIdx.x); i < kRows * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int column = i % kChunks * 8;
    const __nv_bfloat16* from = row_address(row);
    copy_async(to + swizzled_offset(row, column, kRows), from ? from + column : somewhere, from != nullptr);
  }
}

/// Largest value and sum over the four lanes that share a row of accumulators.
__device__ inline float quad_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
  return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}
__device__ inline float quad_sum(float x) {
  x += __shfl_xor_sync(0xffffffffu, x, 1);
  return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

}  // namespace moesim
