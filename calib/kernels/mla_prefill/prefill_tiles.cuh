#pragma once

// What the prefill kernels share: copies of tiles of one head, masks, stores.

#include "calib/kernels/attention/mma_sync.cuh"
#include "calib/kernels/mla_prefill/prefill_params.hpp"

namespace moesim::prefill {

constexpr float kLog2E = 1.4426950408889634f;

/// Starts copying rows [first, first + kRows) of head `head` of a tensor [length, heads, kColumns]; zeros
/// behind the end.
template <int kRows, int kColumns, int kThreads>
__device__ __forceinline__ void copy_rows(const PrefillParams& params, void* to, const __nv_bfloat16* tensor,
                                          int head, int first) {
  const long long row_stride = static_cast<long long>(params.heads) * kColumns;
  const __nv_bfloat16* from = tensor + first * row_stride + static_cast<long long>(head) * kColumns;
  copy_tile<kRows, kColumns, kThreads>(
      shared_address(to),
      [&](int row) { return first + row < params.length ? from + row * row_stride : nullptr; }, tensor);
}

/// Stores this warp's 16 rows from `row` on of [length, heads, 8 kTiles], each times its factor.
template <int kTiles>
__device__ __forceinline__ void store_rows(const PrefillParams& params, __nv_bfloat16* tensor, int head,
                                           int row, const float (&acc)[kTiles][4], const float (&factor)[2]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const RowColumn at = accumulator_element(lane, 2 * half);
    if (row + at.row >= params.length) continue;
    const long long line = static_cast<long long>(row + at.row) * params.heads + head;
    __nv_bfloat16* to = tensor + line * (8 * kTiles) + at.column;
#pragma unroll
    for (int j = 0; j < kTiles; ++j) {
      *reinterpret_cast<std::uint32_t*>(to + 8 * j) =
          pack_bf16(acc[j][2 * half] * factor[half], acc[j][2 * half + 1] * factor[half]);
    }
  }
}

}  // namespace moesim::prefill
