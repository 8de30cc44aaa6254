#pragma once

// Warpgroup 0 of decode_wgmma.cu: scores and weights.

#include "calib/kernels/mla_decode/decode_params.hpp"
#include "calib/kernels/mla_decode/wgmma_shared.cuh"

namespace moesim::decode_wgmma {

__device__ void start_query_copy(Shared& shared, const CUtensorMap* map, int row, int sequence) {
  arrive_expecting(&shared.query_full, kTileBytes);
#pragma unroll
  for (int block = 0; block < kTileBlocks; ++block)
    copy_box(shared.query + block * kBlockBytes, map, &shared.query_full, block * 64, row, sequence);
}

/// scores[64, 64] = Q K^T over the 576 columns, third by third as the copies arrive.
__device__ __forceinline__ void compute_scores(float (&scores)[32], Shared& shared, BufferPhase at) {
  const std::uint64_t query = descriptor_by_rows(shared_address(shared.query));
  const std::uint64_t key = descriptor_by_rows(shared_address(shared.cache[at.buffer]));
  pin(scores);
#pragma unroll
  for (int third = 0; third < kThirds; ++third) {
    wait(&shared.full[at.buffer][third], at.parity);
    begin_products();
#pragma unroll
    for (int step = 0; step < 12; ++step) {
      const int block = third * 3 + step / 4;
      const int offset = block * kBlockBytes + step % 4 * 32;
      multiply_by_rows(scores, advance(query, offset), advance(key, offset), offset != 0);
    }
  }
  finish_products();
  pin(scores);
}

/// Running maximum (of scores before scaling) and sum of one row; the sum is this lane's share.
struct RowState {
  float maximum = -INFINITY;
  float sum = 0;
};

/// Turns the scores of one of this lane's two rows into weights; returns the factor of what was summed
/// before.
__device__ __forceinline__ float weigh_row(float (&scores)[32], int half, RowState& state, float scale_log2) {
  float maximum = state.maximum;
#pragma unroll
  for (int j = 0; j < 8; ++j)
    maximum = fmaxf(maximum, fmaxf(scores[4 * j + 2 * half], scores[4 * j + 2 * half + 1]));
  maximum = quad_max(maximum);
  const float shift =
      maximum == -INFINITY ? 0.0f : maximum * scale_log2;  // nothing visible yet: weights are 0
  const float factor = exp2_fast(state.maximum * scale_log2 - shift);
  float sum = 0;
#pragma unroll
  for (int j = 0; j < 8; ++j) {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      float& score = scores[4 * j + 2 * half + i];
      score = exp2_fast(score * scale_log2 - shift);
      sum += score;
    }
  }
  state.maximum = maximum;
  state.sum = state.sum * factor + sum;
  return factor;
}

__device__ __forceinline__ void hide_tokens(float (&scores)[32], int lane, const int (&visible)[2]) {
#pragma unroll
  for (int i = 0; i < 32; ++i) {
    const RowColumn at = accumulator_element(lane, i % 4);
    if (i / 4 * 8 + at.column >= visible[at.row / 8]) scores[i] = -INFINITY;
  }
}

/// Rows of tokens behind the end hold anything, NaN included: as values with weight 0 they must be 0.
__device__ void clear_tokens(unsigned char* cache, int first) {
  const int kChunks = kDecodeValueDim / 8;
  for (int i = static_cast<int>(threadIdx.x); i < (kPageTokens - first) * kChunks; i += kGroupThreads) {
    const int offset = swizzled_offset(first + i / kChunks, i % kChunks * 8, kPageTokens);
    *reinterpret_cast<uint4*>(cache + offset) = uint4{0, 0, 0, 0};
  }
}

__device__ __forceinline__ void store_weights(unsigned char* weights, const float (&p)[32], int warp,
                                              int lane) {
#pragma unroll
  for (int j = 0; j < 8; ++j) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const RowColumn at = accumulator_element(lane, 2 * half);
      const int offset = swizzled_offset(16 * warp + at.row, 8 * j + at.column, kTileQueries);
      *reinterpret_cast<std::uint32_t*>(weights + offset) =
          pack_bf16(p[4 * j + 2 * half], p[4 * j + 2 * half + 1]);
    }
  }
}

/// Closes a sequence: gives 1 / sum to the value warpgroups and writes the log of the sum.
__device__ void finish_row(const DecodeParams& params, Shared& shared, int buffer, const RowState& state,
                           int row, int first_row, const TileCursor& cursor) {
  const float sum = quad_sum(state.sum);
  if (threadIdx.x % 4 != 0) return;
  shared.inverse_sum[buffer][row] = sum > 0 ? 1 / sum : 0.0f;
  const int rows = params.shape.rows();
  if (first_row + row >= rows) return;
  const int slot = slot_of(cursor, params.first_slot);
  float* lse = slot < 0 ? params.lse + static_cast<long long>(cursor.sequence) * rows
                        : params.partial_lse + static_cast<long long>(slot) * rows;
  lse[first_row + row] = sum > 0 ? logf(sum) + state.maximum * params.scale : -INFINITY;
}

/// This lane's place: rows `row` and `row` + 8 of the tile.
struct ScoreLane {
  int warp = 0;
  int lane = 0;
  int row = 0;
};

/// One tile: waits for its keys, leaves weights, factors and, with the last tile of a sequence, sums.
__device__ __forceinline__ void run_score_tile(const DecodeParams& params, Shared& shared,
                                               const TileCursor& cursor, int length, int first_row,
                                               const ScoreLane& me, BufferPhase at, RowState (&state)[2]) {
  const DecodeShape& shape = params.shape;
  const float scale_log2 = params.scale * kLog2E;
  const int first_token = cursor.tile * kPageTokens;
  float p[32];
  compute_scores(p, shared, at);
  if (length - (shape.queries - 1) < first_token + kPageTokens) {
    const int row = first_row + me.row;
    const int visible[2] = {visible_tokens(row, shape.heads, shape.queries, length, first_token),
                            visible_tokens(row + 8, shape.heads, shape.queries, length, first_token)};
    hide_tokens(p, me.lane, visible);
  }
  const float factor[2] = {weigh_row(p, 0, state[0], scale_log2), weigh_row(p, 1, state[1], scale_log2)};
  sync_threads(1, kGroupThreads);  // every warp has read the keys: their last block may be overwritten
  unsigned char* cache = shared.cache[at.buffer];
  store_weights(cache + kWeightsOffset, p, me.warp, me.lane);
  if (length < first_token + kPageTokens) clear_tokens(cache, max(length - first_token, 0));
  if (me.lane % 4 == 0) {
    shared.factor[at.buffer][me.row] = factor[0];
    shared.factor[at.buffer][me.row + 8] = factor[1];
  }
  if (cursor.last_of_sequence()) {
    finish_row(params, shared, at.buffer, state[0], me.row, first_row, cursor);
    finish_row(params, shared, at.buffer, state[1], me.row + 8, first_row, cursor);
  }
  fence_for_async_reads();
  __syncwarp();
  if (me.lane == 0) arrive(&shared.weights[at.buffer]);
}

__device__ void run_scores(const DecodeParams& params, const CUtensorMap* query_map, Shared& shared,
                           TileCursor cursor, int first_row) {
  const int thread = static_cast<int>(threadIdx.x);
  const ScoreLane me{thread / 32, thread % 32, thread / 32 * 16 + thread % 32 / 4};
  BufferPhase at;
  int query_parity = 0;
  while (!cursor.done()) {
    // The queries before these have been read: every warp has passed the barrier of their last tile.
    if (thread == 0) start_query_copy(shared, query_map, first_row, cursor.sequence);
    __syncwarp();
    wait(&shared.query_full, query_parity);
    query_parity ^= 1;
    const int sequence = cursor.sequence;
    const int length = params.lengths[sequence];
    RowState state[2];
    for (; !cursor.done() && cursor.sequence == sequence; cursor.next(), at.next())
      run_score_tile(params, shared, cursor, length, first_row, me, at, state);
  }
}

}  // namespace moesim::decode_wgmma
