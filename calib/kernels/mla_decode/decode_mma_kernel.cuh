#pragma once

// MLA decode with mma.sync and cp.async: the portable twin of decode_wgmma.cu on the same schedule and
// layouts. A block of eight warps owns 64 query rows. Warp w computes the scores of 16 rows (w % 4) and 32
// tokens (w / 4), then accumulates the same rows of 256 output columns (w / 4). Two buffers of cache: the
// next tile is copied while one is worked on. The weights overwrite the last 64 columns of their tile, which
// hold no values.

#include "calib/kernels/attention/mma_sync.cuh"
#include "calib/kernels/mla_decode/decode_params.hpp"

namespace moesim::decode_mma {

constexpr int kThreads = 256;
constexpr int kTileBytes = tile_bytes(kPageTokens, kDecodeKeyDim);
constexpr int kWeightsOffset = block_offset(kDecodeValueDim, kPageTokens);
constexpr int kScoreTiles = 4;   // of 8 tokens, a warp
constexpr int kValueTiles = 32;  // of 8 columns, a warp
constexpr float kLog2E = 1.4426950408889634f;

struct alignas(1024) Shared {
  unsigned char query[kTileBytes];
  unsigned char cache[2][kTileBytes];
  float maximum[2][kTileQueries];  // by half of the tokens
  float sum[2][kTileQueries];
};
constexpr int kSharedBytes = sizeof(Shared) + 1024;

/// A warp's place in the tile of queries.
struct WarpPlace {
  int row = 0;   // first of its 16 rows
  int half = 0;  // of tokens, then of columns
  int lane = 0;
};

struct RowState {
  float maximum[2] = {-INFINITY, -INFINITY};  // of rows lane / 4 and lane / 4 + 8, before scaling
  float sum[2] = {0, 0};                      // this lane's share
};

__device__ void start_copy(const DecodeParams& params, unsigned char* to, int sequence, int tile,
                           int length) {
  const int page =
      length > 0 ? params.block_table[static_cast<long long>(sequence) * params.table_stride + tile] : 0;
  const __nv_bfloat16* from = params.cache + static_cast<long long>(page) * kPageTokens * kDecodeKeyDim;
  const int tokens = length - tile * kPageTokens;
  copy_tile<kPageTokens, kDecodeKeyDim, kThreads>(
      shared_address(to),
      [&](int row) { return row < tokens ? from + static_cast<long long>(row) * kDecodeKeyDim : nullptr; },
      params.cache);
}

__device__ void start_query_copy(const DecodeParams& params, unsigned char* to, int sequence, int first_row) {
  const int rows = params.shape.rows();
  const __nv_bfloat16* from = params.query + static_cast<long long>(sequence) * rows * kDecodeKeyDim;
  copy_tile<kTileQueries, kDecodeKeyDim, kThreads>(
      shared_address(to),
      [&](int row) {
        return first_row + row < rows ? from + static_cast<long long>(first_row + row) * kDecodeKeyDim
                                      : nullptr;
      },
      params.query);
}

__device__ __forceinline__ void hide_tokens(float (&scores)[kScoreTiles][4], const WarpPlace& place,
                                            const int (&visible)[2]) {
#pragma unroll
  for (int j = 0; j < kScoreTiles; ++j) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const RowColumn at = accumulator_element(place.lane, i);
      if (32 * place.half + 8 * j + at.column >= visible[i / 2]) scores[j][i] = -INFINITY;
    }
  }
}

/// The largest score of each row over all 64 tokens, with what came before; all threads.
__device__ __forceinline__ void update_maximum(Shared& shared, const float (&scores)[kScoreTiles][4],
                                               const WarpPlace& place, float (&maximum)[2]) {
  const int row = place.row + place.lane / 4;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float largest = -INFINITY;
#pragma unroll
    for (int j = 0; j < kScoreTiles; ++j)
      largest = fmaxf(largest, fmaxf(scores[j][2 * half], scores[j][2 * half + 1]));
    largest = quad_max(largest);
    if (place.lane % 4 == 0) shared.maximum[place.half][row + 8 * half] = largest;
  }
  __syncthreads();
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float both = fmaxf(shared.maximum[0][row + 8 * half], shared.maximum[1][row + 8 * half]);
    maximum[half] = fmaxf(maximum[half], both);
  }
}

/// Writes the weights of a tile and scales what has been summed before.
__device__ __forceinline__ void weigh(unsigned char* weights, const float (&scores)[kScoreTiles][4],
                                      const WarpPlace& place, const float (&old_maximum)[2], RowState& state,
                                      float (&out)[kValueTiles][4], float scale_log2) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float shift = state.maximum[half] == -INFINITY ? 0.0f : state.maximum[half] * scale_log2;
    const float factor = exp2_fast(old_maximum[half] * scale_log2 - shift);
    float sum = 0;
#pragma unroll
    for (int j = 0; j < kScoreTiles; ++j) {
      const float left = exp2_fast(scores[j][2 * half] * scale_log2 - shift);
      const float right = exp2_fast(scores[j][2 * half + 1] * scale_log2 - shift);
      sum += left + right;
      const RowColumn at = accumulator_element(place.lane, 2 * half);
      const int offset =
          swizzled_offset(place.row + at.row, 32 * place.half + 8 * j + at.column, kTileQueries);
      *reinterpret_cast<std::uint32_t*>(weights + offset) = pack_bf16(left, right);
    }
    state.sum[half] = state.sum[half] * factor + sum;
#pragma unroll
    for (int j = 0; j < kValueTiles; ++j) {
      out[j][2 * half] *= factor;
      out[j][2 * half + 1] *= factor;
    }
  }
}

/// out[16, 256] += P[16, 64] V[64, 256].
__device__ __forceinline__ void add_values(float (&out)[kValueTiles][4], std::uint32_t cache,
                                           const WarpPlace& place) {
  const RowColumn at = ldmatrix_a(place.lane);
#pragma unroll 1
  for (int k = 0; k < kPageTokens; k += 16) {
    std::uint32_t p[4];
    ldmatrix_x4(p, cache + kWeightsOffset + swizzled_offset(place.row + at.row, k + at.column, kTileQueries));
    multiply_step<kValueTiles, kPageTokens>(out, p, cache, k, 256 * place.half);
  }
}

__device__ void store_output(const DecodeParams& params, Shared& shared, const float (&out)[kValueTiles][4],
                             const RowState& state, const WarpPlace& place, const TileCursor& cursor,
                             int first_row) {
  const int rows = params.shape.rows();
  const int slot = slot_of(cursor, params.first_slot);
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float share = quad_sum(state.sum[half]);
    if (place.lane % 4 == 0) shared.sum[place.half][place.row + place.lane / 4 + 8 * half] = share;
  }
  __syncthreads();
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = place.row + place.lane / 4 + 8 * half;
    if (first_row + row >= rows) continue;
    const float sum = shared.sum[0][row] + shared.sum[1][row];
    const float factor = sum > 0 ? 1 / sum : 0.0f;
    const long long line = static_cast<long long>(slot < 0 ? cursor.sequence : slot) * rows + first_row + row;
    const long long column = 256 * place.half + place.lane % 4 * 2;
#pragma unroll
    for (int j = 0; j < kValueTiles; ++j) {
      const long long at = line * kDecodeValueDim + column + 8 * j;
      const float2 pair{out[j][2 * half] * factor, out[j][2 * half + 1] * factor};
      if (slot < 0) {
        *reinterpret_cast<std::uint32_t*>(params.out + at) = pack_bf16(pair.x, pair.y);
      } else {
        *reinterpret_cast<float2*>(params.partial_out + at) = pair;
      }
    }
    if (place.half == 0 && place.lane % 4 == 0) {
      float* lse = slot < 0 ? params.lse : params.partial_lse;
      lse[line] = sum > 0 ? logf(sum) + state.maximum[half] * params.scale : -INFINITY;
    }
  }
}

/// The tiles of one sequence from where the cursor stands to `cursor.end`.
__device__ void run_sequence(const DecodeParams& params, Shared& shared, TileCursor& cursor, int first_row) {
  const WarpPlace place{static_cast<int>(threadIdx.x) / 32 % 4 * 16, static_cast<int>(threadIdx.x) / 128,
                        static_cast<int>(threadIdx.x) % 32};
  const DecodeShape shape = params.shape;
  const int length = params.lengths[cursor.sequence];
  const int row = first_row + place.row + place.lane / 4;
  const float scale_log2 = params.scale * kLog2E;
  RowState state;
  float out[kValueTiles][4] = {};
  start_query_copy(params, shared.query, cursor.sequence, first_row);
  start_copy(params, shared.cache[0], cursor.sequence, cursor.begin, length);
  commit_copies();
  for (int tile = cursor.begin; tile < cursor.end; ++tile) {
    const int buffer = (tile - cursor.begin) % 2;
    if (tile + 1 < cursor.end)
      start_copy(params, shared.cache[1 - buffer], cursor.sequence, tile + 1, length);
    commit_copies();
    wait_copies<1>();
    __syncthreads();
    const std::uint32_t cache = shared_address(shared.cache[buffer]);
    float scores[kScoreTiles][4] = {};
    multiply_nt<kDecodeKeyDim, kScoreTiles, kTileQueries, kPageTokens>(scores, shared_address(shared.query),
                                                                       place.row, cache, 32 * place.half);
    const int first_token = tile * kPageTokens;
    if (length - (shape.queries - 1) < first_token + kPageTokens) {
      const int visible[2] = {visible_tokens(row, shape.heads, shape.queries, length, first_token),
                              visible_tokens(row + 8, shape.heads, shape.queries, length, first_token)};
      hide_tokens(scores, place, visible);
    }
    const float old_maximum[2] = {state.maximum[0], state.maximum[1]};
    update_maximum(shared, scores, place, state.maximum);  // behind its barrier the keys have been read
    weigh(shared.cache[buffer] + kWeightsOffset, scores, place, old_maximum, state, out, scale_log2);
    __syncthreads();
    add_values(out, cache, place);
    __syncthreads();  // before the buffer is filled anew
  }
  cursor.tile = cursor.end - 1;
  store_output(params, shared, out, state, place, cursor, first_row);
}

__global__ void __launch_bounds__(kThreads, 1)
    decode_mma_kernel(const __grid_constant__ DecodeParams params) {
  Shared& shared = *reinterpret_cast<Shared*>(aligned_shared_memory());
  TileCursor cursor(params.parts[blockIdx.y], params.lengths);
  const int first_row = static_cast<int>(blockIdx.x) * kTileQueries;
  for (; !cursor.done(); cursor.next_sequence()) run_sequence(params, shared, cursor, first_row);
}

}  // namespace moesim::decode_mma
