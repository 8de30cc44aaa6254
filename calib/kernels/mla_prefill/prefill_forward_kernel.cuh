#pragma once

// Causal attention with mma.sync: a block of eight warps owns 128 queries of a head, 16 a warp, and walks
// through tiles of 64 keys with a running maximum and sum. Two buffers of keys and values: the next tile is
// copied while one is worked on.

#include "calib/kernels/mla_prefill/prefill_tiles.cuh"

namespace moesim::prefill_forward {

using namespace prefill;

constexpr int kThreads = 256;
constexpr int kQueries = 128;
constexpr int kKeys = 64;
constexpr int kScoreTiles = kKeys / 8;
constexpr int kOutTiles = kPrefillValueDim / 8;

struct alignas(128) Shared {
  unsigned char query[tile_bytes(kQueries, kPrefillKeyDim)];
  unsigned char key[2][tile_bytes(kKeys, kPrefillKeyDim)];
  unsigned char value[2][tile_bytes(kKeys, kPrefillValueDim)];
};

__device__ __forceinline__ void start_copy(const PrefillParams& params, Shared& shared, int buffer, int head,
                                           int tile) {
  copy_rows<kKeys, kPrefillKeyDim, kThreads>(params, shared.key[buffer], params.key, head, tile * kKeys);
  copy_rows<kKeys, kPrefillValueDim, kThreads>(params, shared.value[buffer], params.value, head,
                                               tile * kKeys);
}

/// Hides the keys of a tile that come after the queries of this lane; `ahead` = first query - first key.
__device__ __forceinline__ void hide_later(float (&scores)[kScoreTiles][4], int lane, int ahead) {
#pragma unroll
  for (int j = 0; j < kScoreTiles; ++j) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const RowColumn at = accumulator_element(lane, i);
      if (8 * j + at.column > ahead + at.row) scores[j][i] = -INFINITY;
    }
  }
}

struct RowState {
  float maximum[2] = {-INFINITY, -INFINITY};  // before scaling
  float sum[2] = {0, 0};                      // this lane's share
};

/// Scores become weights; sums and outputs so far are scaled. The first tile holds key 0, which every query
/// sees, so the maximum is finite from then on.
__device__ __forceinline__ void weigh(float (&scores)[kScoreTiles][4], RowState& state,
                                      float (&out)[kOutTiles][4], float scale_log2) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float maximum = state.maximum[half];
#pragma unroll
    for (int j = 0; j < kScoreTiles; ++j)
      maximum = fmaxf(maximum, fmaxf(scores[j][2 * half], scores[j][2 * half + 1]));
    maximum = quad_max(maximum);
    const float shift = maximum * scale_log2;
    const float factor = exp2_fast(state.maximum[half] * scale_log2 - shift);
    float sum = 0;
#pragma unroll
    for (int j = 0; j < kScoreTiles; ++j) {
#pragma unroll
      for (int i = 2 * half; i < 2 * half + 2; ++i) {
        scores[j][i] = exp2_fast(scores[j][i] * scale_log2 - shift);
        sum += scores[j][i];
      }
    }
    state.maximum[half] = maximum;
    state.sum[half] = state.sum[half] * factor + sum;
#pragma unroll
    for (int j = 0; j < kOutTiles; ++j) {
      out[j][2 * half] *= factor;
      out[j][2 * half + 1] *= factor;
    }
  }
}

__device__ __forceinline__ void finish(const PrefillParams& params, int head, int row, const RowState& state,
                                       const float (&out)[kOutTiles][4]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float factor[2];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float sum = quad_sum(state.sum[half]);
    factor[half] = 1 / sum;
    const int at = row + lane / 4 + 8 * half;
    if (lane % 4 == 0 && at < params.length)
      params.lse[static_cast<long long>(head) * params.length + at] =
          logf(sum) + state.maximum[half] * params.scale;
  }
  store_rows<kOutTiles>(params, params.out, head, row, out, factor);
}

__global__ void __launch_bounds__(kThreads, 1)
    prefill_forward_kernel(const __grid_constant__ PrefillParams params) {
  Shared& shared = *reinterpret_cast<Shared*>(dynamic_shared_memory());
  const int head = static_cast<int>(blockIdx.x);
  // The longest rows first, so that the last blocks are short.
  const int first = static_cast<int>(gridDim.y - 1 - blockIdx.y) * kQueries;
  const int warp_row = static_cast<int>(threadIdx.x) / 32 * 16;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int last_query = min(first + kQueries, params.length) - 1;
  const int num_tiles = last_query / kKeys + 1;
  RowState state;
  float out[kOutTiles][4] = {};
  copy_rows<kQueries, kPrefillKeyDim, kThreads>(params, shared.query, params.query, head, first);
  start_copy(params, shared, 0, head, 0);
  commit_copies();
  for (int tile = 0; tile < num_tiles; ++tile) {
    const int buffer = tile % 2;
    if (tile + 1 < num_tiles) start_copy(params, shared, 1 - buffer, head, tile + 1);
    commit_copies();
    wait_copies<1>();
    __syncthreads();
    const int ahead = first + warp_row - tile * kKeys;
    if (ahead + 15 >= 0) {  // else this warp's queries see none of these keys
      float scores[kScoreTiles][4] = {};
      multiply_nt<kPrefillKeyDim, kScoreTiles, kQueries, kKeys>(
          scores, shared_address(shared.query), warp_row, shared_address(shared.key[buffer]), 0);
      if (ahead < kKeys - 1) hide_later(scores, lane, ahead);
      weigh(scores, state, out, params.scale * kLog2E);
      multiply_nn<kScoreTiles, kOutTiles, kKeys>(out, scores, shared_address(shared.value[buffer]), 0);
    }
    __syncthreads();  // before the buffer is filled anew
  }
  finish(params, head, first + warp_row, state, out);
}

}  // namespace moesim::prefill_forward
