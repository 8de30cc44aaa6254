#pragma once

// Gradient of queries: a block of four warps owns 64 queries of a head, 16 a warp, and walks through the
// tiles of 32 keys that they see: P = exp(scale Q K^T - lse), dS = P (dO V^T - delta), dQ += dS K.

#include "calib/kernels/mla_prefill/prefill_tiles.cuh"

namespace moesim::prefill_query_gradient {

using namespace prefill;

constexpr int kThreads = 128;
constexpr int kQueries = 64;
constexpr int kKeys = 32;
constexpr int kScoreTiles = kKeys / 8;
constexpr int kQueryTiles = kPrefillKeyDim / 8;

struct alignas(128) Shared {
  unsigned char query[tile_bytes(kQueries, kPrefillKeyDim)];
  unsigned char gradient[tile_bytes(kQueries, kPrefillValueDim)];  // of the output
  unsigned char key[2][tile_bytes(kKeys, kPrefillKeyDim)];
  unsigned char value[2][tile_bytes(kKeys, kPrefillValueDim)];
};

__device__ __forceinline__ void start_copy(const PrefillParams& params, Shared& shared, int buffer, int head,
                                           int tile) {
  copy_rows<kKeys, kPrefillKeyDim, kThreads>(params, shared.key[buffer], params.key, head, tile * kKeys);
  copy_rows<kKeys, kPrefillValueDim, kThreads>(params, shared.value[buffer], params.value, head,
                                               tile * kKeys);
}

/// Of this lane's two rows; behind the end lse is infinite, so that weights are 0.
struct RowFacts {
  float lse_log2[2];
  float delta[2];
};

__device__ __forceinline__ RowFacts read_rows(const PrefillParams& params, int head, int row) {
  RowFacts facts;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const bool inside = row + 8 * half < params.length;
    const long long at = static_cast<long long>(head) * params.length + row + 8 * half;
    facts.lse_log2[half] = inside ? params.lse[at] * kLog2E : INFINITY;
    facts.delta[half] = inside ? params.delta[at] : 0.0f;
  }
  return facts;
}

/// Scores become weights, then `ds` (dO V^T before) the gradient of scores. `ahead` = first query - first
/// key.
__device__ __forceinline__ void score_gradient(float (&ds)[kScoreTiles][4],
                                               const float (&scores)[kScoreTiles][4], const RowFacts& facts,
                                               int lane, int ahead, float scale_log2) {
#pragma unroll
  for (int j = 0; j < kScoreTiles; ++j) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const RowColumn at = accumulator_element(lane, i);
      const float weight = exp2_fast(scores[j][i] * scale_log2 - facts.lse_log2[i / 2]);
      ds[j][i] = 8 * j + at.column > ahead + at.row ? 0.0f : weight * (ds[j][i] - facts.delta[i / 2]);
    }
  }
}

__global__ void __launch_bounds__(kThreads, 2)
    prefill_query_gradient_kernel(const __grid_constant__ PrefillParams params) {
  Shared& shared = *reinterpret_cast<Shared*>(dynamic_shared_memory());
  const int head = static_cast<int>(blockIdx.x);
  const int first = static_cast<int>(gridDim.y - 1 - blockIdx.y) * kQueries;  // the longest rows first
  const int warp_row = static_cast<int>(threadIdx.x) / 32 * 16;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int num_tiles = (min(first + kQueries, params.length) - 1) / kKeys + 1;
  const RowFacts facts = read_rows(params, head, first + warp_row + lane / 4);
  float dq[kQueryTiles][4] = {};
  copy_rows<kQueries, kPrefillKeyDim, kThreads>(params, shared.query, params.query, head, first);
  copy_rows<kQueries, kPrefillValueDim, kThreads>(params, shared.gradient, params.out_gradient, head, first);
  start_copy(params, shared, 0, head, 0);
  commit_copies();
  for (int tile = 0; tile < num_tiles; ++tile) {
    const int buffer = tile % 2;
    if (tile + 1 < num_tiles) start_copy(params, shared, 1 - buffer, head, tile + 1);
    commit_copies();
    wait_copies<1>();
    __syncthreads();
    const std::uint32_t key = shared_address(shared.key[buffer]);
    float scores[kScoreTiles][4] = {};
    float ds[kScoreTiles][4] = {};
    multiply_nt<kPrefillKeyDim, kScoreTiles, kQueries, kKeys>(scores, shared_address(shared.query), warp_row,
                                                              key, 0);
    multiply_nt<kPrefillValueDim, kScoreTiles, kQueries, kKeys>(ds, shared_address(shared.gradient), warp_row,
                                                                shared_address(shared.value[buffer]), 0);
    score_gradient(ds, scores, facts, lane, first + warp_row - tile * kKeys, params.scale * kLog2E);
    multiply_nn<kScoreTiles, kQueryTiles, kKeys>(dq, ds, key, 0);
    __syncthreads();  // before the buffer is filled anew
  }
  const float scaled[2] = {params.scale, params.scale};
  store_rows<kQueryTiles>(params, params.query_gradient, head, first + warp_row, dq, scaled);
}

}  // namespace moesim::prefill_query_gradient
