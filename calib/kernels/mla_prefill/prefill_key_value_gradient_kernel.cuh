#pragma once

// Gradients of keys and values: a block of four warps owns 64 keys of a head, 16 a warp, and walks through
// tiles of 32 queries from the first that sees them on. Everything is computed transposed (rows are keys), so
// that weights and score gradients go from accumulators straight into the next product:
//   P^T = exp(scale K Q^T - lse), dV += P^T dO, dS^T = P^T (V dO^T - delta), dK += dS^T Q.

#include "calib/kernels/mla_prefill/prefill_tiles.cuh"

namespace moesim::prefill_key_value_gradient {

using namespace prefill;

constexpr int kThreads = 128;
constexpr int kKeys = 64;
constexpr int kQueries = 32;
constexpr int kScoreTiles = kQueries / 8;
constexpr int kKeyTiles = kPrefillKeyDim / 8;
constexpr int kValueTiles = kPrefillValueDim / 8;

struct alignas(128) Shared {
  unsigned char key[tile_bytes(kKeys, kPrefillKeyDim)];
  unsigned char value[tile_bytes(kKeys, kPrefillValueDim)];
  unsigned char query[2][tile_bytes(kQueries, kPrefillKeyDim)];
  unsigned char gradient[2][tile_bytes(kQueries, kPrefillValueDim)];  // of the output
  float lse_log2[2][kQueries];
  float delta[2][kQueries];
};

/// Copies a tile of queries; behind the end lse is infinite, so that weights are 0.
__device__ __forceinline__ void start_copy(const PrefillParams& params, Shared& shared, int buffer, int head,
                                           int first) {
  copy_rows<kQueries, kPrefillKeyDim, kThreads>(params, shared.query[buffer], params.query, head, first);
  copy_rows<kQueries, kPrefillValueDim, kThreads>(params, shared.gradient[buffer], params.out_gradient, head,
                                                  first);
  const int row = static_cast<int>(threadIdx.x);
  if (row >= kQueries) return;
  const bool inside = first + row < params.length;
  const long long at = static_cast<long long>(head) * params.length + first + row;
  shared.lse_log2[buffer][row] = inside ? params.lse[at] * kLog2E : INFINITY;
  shared.delta[buffer][row] = inside ? params.delta[at] : 0.0f;
}

/// Operand A of the products over the queries: 16 keys and 32 queries, rounded to BF16.
struct Operand {
  std::uint32_t parts[kScoreTiles / 2][4];
};

/// Turns scores into weights, returned as an operand, and `ds` (V dO^T before) into the gradient of the
/// scores, which takes the weights before rounding. Keys after a query get 0. `ahead` = first query - first
/// key.
__device__ __forceinline__ Operand weigh(float (&scores)[kScoreTiles][4], float (&ds)[kScoreTiles][4],
                                         const float* lse_log2, const float* delta, int lane, int ahead,
                                         float scale_log2) {
#pragma unroll
  for (int j = 0; j < kScoreTiles; ++j) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const RowColumn at = accumulator_element(lane, i);
      const int query = 8 * j + at.column;
      const float weight = exp2_fast(scores[j][i] * scale_log2 - lse_log2[query]);
      scores[j][i] = at.row > ahead + query ? 0.0f : weight;
      ds[j][i] = scores[j][i] * (ds[j][i] - delta[query]);
    }
  }
  Operand weights;
#pragma unroll
  for (int j = 0; j < kScoreTiles; j += 2) operand_of(weights.parts[j / 2], scores[j], scores[j + 1]);
  return weights;
}

/// One tile of queries.
__device__ __forceinline__ void add_tile(const PrefillParams& params, const Shared& shared, int buffer,
                                         int warp_row, int ahead, float (&dk)[kKeyTiles][4],
                                         float (&dv)[kValueTiles][4]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::uint32_t query = shared_address(shared.query[buffer]);
  const std::uint32_t gradient = shared_address(shared.gradient[buffer]);
  float ds[kScoreTiles][4] = {};
  multiply_nt<kPrefillValueDim, kScoreTiles, kKeys, kQueries>(ds, shared_address(shared.value), warp_row,
                                                              gradient, 0);
  Operand weights;
  {
    float scores[kScoreTiles][4] = {};
    multiply_nt<kPrefillKeyDim, kScoreTiles, kKeys, kQueries>(scores, shared_address(shared.key), warp_row,
                                                              query, 0);
    weights =
        weigh(scores, ds, shared.lse_log2[buffer], shared.delta[buffer], lane, ahead, params.scale * kLog2E);
  }
#pragma unroll
  for (int k = 0; k < kScoreTiles / 2; ++k)
    multiply_step<kValueTiles, kQueries>(dv, weights.parts[k], gradient, 16 * k, 0);
  multiply_nn<kScoreTiles, kKeyTiles, kQueries>(dk, ds, query, 0);
}

__global__ void __launch_bounds__(kThreads, 2)
    prefill_key_value_gradient_kernel(const __grid_constant__ PrefillParams params) {
  Shared& shared = *reinterpret_cast<Shared*>(dynamic_shared_memory());
  const int head = static_cast<int>(blockIdx.x);
  const int first_key = static_cast<int>(blockIdx.y) * kKeys;  // the first keys have the most queries
  const int warp_row = static_cast<int>(threadIdx.x) / 32 * 16;
  float dk[kKeyTiles][4] = {};
  float dv[kValueTiles][4] = {};
  copy_rows<kKeys, kPrefillKeyDim, kThreads>(params, shared.key, params.key, head, first_key);
  copy_rows<kKeys, kPrefillValueDim, kThreads>(params, shared.value, params.value, head, first_key);
  start_copy(params, shared, 0, head, first_key);
  commit_copies();
  int buffer = 0;
  for (int first = first_key; first < params.length; first += kQueries, buffer ^= 1) {
    if (first + kQueries < params.length) start_copy(params, shared, 1 - buffer, head, first + kQueries);
    commit_copies();
    wait_copies<1>();
    __syncthreads();
    add_tile(params, shared, buffer, warp_row, first - first_key - warp_row, dk, dv);
    __syncthreads();  // before the buffer is filled anew
  }
  const float as_is[2] = {1, 1};
  const float scaled[2] = {params.scale, params.scale};
  store_rows<kValueTiles>(params, params.value_gradient, head, first_key + warp_row, dv, as_is);
  store_rows<kKeyTiles>(params, params.key_gradient, head, first_key + warp_row, dk, scaled);
}

}  // namespace moesim::prefill_key_value_gradient
