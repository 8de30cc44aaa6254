#pragma once

// Barriers, bulk tensor copies and warpgroup products of sm_90a. As in warp_instructions.cuh, tests put
// theirs in place of these.

#include "calib/kernels/attention/warp_instructions.cuh"

#ifndef MOESIM_EMULATED_INSTRUCTIONS

#include <cuda.h>

#include <cstdint>
#include <cute/arch/mma_sm90_gmma.hpp>
#include <utility>

namespace moesim {

/// A barrier in shared memory that counts arrivals and bytes of copies, phase after phase.
using SharedBarrier = std::uint64_t;

__device__ inline void init_barrier(SharedBarrier* barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;\n" ::"r"(shared_address(barrier)), "r"(arrivals)
               : "memory");
}

/// Makes freshly initialised barriers visible to the copy engine; a __syncthreads() must follow.
__device__ inline void publish_barriers() {
  asm volatile("fence.mbarrier_init.release.cluster;\n" ::: "memory");
  asm volatile("fence.proxy.async;\n" ::: "memory");
}

__device__ inline void arrive(SharedBarrier* barrier) {
  asm volatile(
      "{\n.reg .b64 state;\nmbarrier.arrive.shared::cta.b64 state, [%0];\n}\n" ::"r"(shared_address(barrier))
      : "memory");
}

/// One arrival that also announces `bytes` of copies, which the phase then waits for.
__device__ inline void arrive_expecting(SharedBarrier* barrier, int bytes) {
  asm volatile("{\n.reg .b64 state;\nmbarrier.arrive.expect_tx.shared::cta.b64 state, [%0], %1;\n}\n" ::"r"(
                   shared_address(barrier)),
               "r"(bytes)
               : "memory");
}

/// Waits until the phase of parity `parity` is complete (the first phase has parity 0).
__device__ inline void wait(SharedBarrier* barrier, int parity) {
  asm volatile(
      "{\n.reg .pred done;\nTRY:\nmbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n@done bra DONE;\n"
      "bra TRY;\nDONE:\n}\n" ::"r"(shared_address(barrier)),
      "r"(parity)
      : "memory");
}

/// Orders this thread's earlier plain writes to shared memory before later reads of it by wgmma and copies.
__device__ inline void fence_for_async_reads() {
  asm volatile("fence.proxy.async.shared::cta;\n" ::: "memory");
}

/// Waits for the `threads` threads that name barrier `id` (1 to 15).
__device__ inline void sync_threads(int id, int threads) {
  asm volatile("bar.sync %0, %1;\n" ::"r"(id), "r"(threads) : "memory");
}

/// Copies the box of a two-dimensional tensor that starts at (column, row); `barrier` counts its bytes.
__device__ inline void copy_box(void* to, const CUtensorMap* map, SharedBarrier* barrier, int column,
                                int row) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], "
      "[%2];\n" ::"r"(shared_address(to)),
      "l"(reinterpret_cast<std::uint64_t>(map)), "r"(shared_address(barrier)), "r"(column), "r"(row)
      : "memory");
}

/// The same of a three-dimensional tensor. Elements outside the tensor become zeros and count as copied.
__device__ inline void copy_box(void* to, const CUtensorMap* map, SharedBarrier* barrier, int column, int row,
                                int matrix) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], "
      "[%2];\n" ::"r"(shared_address(to)),
      "l"(reinterpret_cast<std::uint64_t>(map)), "r"(shared_address(barrier)), "r"(column), "r"(row),
      "r"(matrix)
      : "memory");
}

// Products of a warpgroup. Between begin_products() and finish_products() accumulators must not be touched.

__device__ inline void begin_products() {
  cute::warpgroup_arrive();
}
__device__ inline void finish_products() {
  cute::warpgroup_commit_batch();
  cute::warpgroup_wait<0>();
}

/// Keeps the compiler from moving accesses to accumulators across asynchronous instructions.
template <int kSize>
__device__ __forceinline__ void pin(float (&d)[kSize]) {
#pragma unroll
  for (int i = 0; i < kSize; ++i) cute::warpgroup_fence_operand(d[i]);
}

template <class Mma, int... kI>
__device__ __forceinline__ void multiply_with(float (&d)[sizeof...(kI)], std::uint64_t a, std::uint64_t b,
                                              bool add, std::integer_sequence<int, kI...>) {
  using cute::SM90::GMMA::ScaleOut;
  Mma::fma(a, b, d[kI]..., add ? ScaleOut::One : ScaleOut::Zero);
}

/// d[64, 64] (+)= A[64, 16] B[64, 16]^T, both by rows; d is overwritten where not `add`.
__device__ __forceinline__ void multiply_by_rows(float (&d)[32], std::uint64_t a, std::uint64_t b, bool add) {
  using cute::SM90::GMMA::Major;
  multiply_with<cute::SM90::GMMA::MMA_64x64x16_F32BF16BF16_SS<Major::K, Major::K>>(
      d, a, b, add, std::make_integer_sequence<int, 32>{});
}

/// d[64, 256] (+)= A[64, 16] B[16, 256], A by rows and B by columns.
__device__ __forceinline__ void multiply_by_columns(float (&d)[128], std::uint64_t a, std::uint64_t b,
                                                    bool add) {
  using cute::SM90::GMMA::Major;
  multiply_with<cute::SM90::GMMA::MMA_64x256x16_F32BF16BF16_SS<Major::K, Major::MN>>(
      d, a, b, add, std::make_integer_sequence<int, 128>{});
}

}  // namespace moesim

#endif
