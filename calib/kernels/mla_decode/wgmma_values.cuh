#pragma once

// Warpgroups 1 and 2 of decode_wgmma.cu: weights times values, and the copies of the cache.

#include "calib/kernels/mla_decode/decode_params.hpp"
#include "calib/kernels/mla_decode/wgmma_shared.cuh"

namespace moesim::decode_wgmma {

/// The page of the tile where the cursor stands. A sequence without tokens gets any page, all of it masked.
__device__ int page_of(const DecodeParams& params, const TileCursor& cursor) {
  if (cursor.done() || params.lengths[cursor.sequence] <= 0) return 0;
  return params.block_table[static_cast<long long>(cursor.sequence) * params.table_stride + cursor.tile];
}

__device__ void start_tile_copy(Shared& shared, int buffer, const CUtensorMap* map, int page) {
#pragma unroll
  for (int third = 0; third < kThirds; ++third) {
    arrive_expecting(&shared.full[buffer][third], kThirdBytes);
#pragma unroll
    for (int i = 0; i < kTileBlocks / kThirds; ++i) {
      const int block = third * (kTileBlocks / kThirds) + i;
      copy_box(shared.cache[buffer] + block * kBlockBytes, map, &shared.full[buffer][third], block * 64,
               page * kPageTokens);
    }
  }
}

/// out[64, 256] += P V for the 256 columns that start `column_block` blocks from the left.
__device__ __forceinline__ void add_values(float (&out)[128], Shared& shared, int buffer, int column_block,
                                           bool first) {
  const std::uint32_t cache = shared_address(shared.cache[buffer]);
  const std::uint64_t weights = descriptor_by_rows(cache + kWeightsOffset);
  const std::uint64_t values = descriptor_by_columns(cache + column_block * kBlockBytes, kPageTokens);
  pin(out);
  begin_products();
#pragma unroll
  for (int step = 0; step < kPageTokens / 16; ++step) {
    multiply_by_columns(out, advance(weights, step * 32), advance(values, step * 16 * 128),
                        !(step == 0 && first));
  }
  finish_products();
  pin(out);
}

__device__ __forceinline__ void store_output(const DecodeParams& params, const float (&out)[128], int slot,
                                             int sequence, int row, int column,
                                             const float (&inverse_sum)[2]) {
  const int rows = params.shape.rows();
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    if (row + 8 * half >= rows) continue;
    const long long line = static_cast<long long>(slot < 0 ? sequence : slot) * rows + row + 8 * half;
    const float factor = inverse_sum[half];
    if (slot < 0) {
      __nv_bfloat16* to = params.out + line * kDecodeValueDim + column;
#pragma unroll
      for (int j = 0; j < 32; ++j) {
        *reinterpret_cast<std::uint32_t*>(to + 8 * j) =
            pack_bf16(out[4 * j + 2 * half] * factor, out[4 * j + 2 * half + 1] * factor);
      }
    } else {
      float* to = params.partial_out + line * kDecodeValueDim + column;
#pragma unroll
      for (int j = 0; j < 32; ++j) {
        *reinterpret_cast<float2*>(to + 8 * j) =
            float2{out[4 * j + 2 * half] * factor, out[4 * j + 2 * half + 1] * factor};
      }
    }
  }
}

/// 1 / sum of the weights of this lane's two rows, set with the last tile of a sequence.
struct InverseSums {
  float of[2];
};

/// Waits for weights and values of a tile, and scales the output where the maximum of a row grew, which it
/// seldom does after the first tiles.
__device__ __forceinline__ InverseSums begin_tile(float (&out)[128], Shared& shared, BufferPhase at, int row,
                                                  bool first) {
  wait(&shared.weights[at.buffer], at.parity);
#pragma unroll
  for (int third = 0; third < kThirds; ++third) wait(&shared.full[at.buffer][third], at.parity);
  const float factor[2] = {shared.factor[at.buffer][row], shared.factor[at.buffer][row + 8]};
  const InverseSums inverse{{shared.inverse_sum[at.buffer][row], shared.inverse_sum[at.buffer][row + 8]}};
  if (!first && __any_sync(0xffffffffu, factor[0] != 1 || factor[1] != 1)) {
#pragma unroll
    for (int i = 0; i < 128; ++i) out[i] *= factor[i / 2 % 2];
  }
  return inverse;
}

/// Warpgroups 1 and 2. The first thread of warpgroup 1 also keeps the copies going.
__device__ void run_values(const DecodeParams& params, const CUtensorMap* cache_map, Shared& shared,
                           TileCursor cursor, int first_row) {
  const int group = static_cast<int>(threadIdx.x) / kGroupThreads - 1;  // which half of the columns
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int row = static_cast<int>(threadIdx.x) % kGroupThreads / 32 * 16 + lane / 4;  // and row + 8
  const bool copies = threadIdx.x == kGroupThreads;
  TileCursor ahead = cursor;
  BufferPhase at;
  int page = 0;  // of `ahead`, looked up long before it is needed
  if (copies) {
    for (int buffer = 0; buffer < 2 && !ahead.done(); ++buffer, ahead.next())
      start_tile_copy(shared, buffer, cache_map, page_of(params, ahead));
    page = page_of(params, ahead);
  }
  __syncwarp();
  float out[128];
  for (; !cursor.done(); cursor.next(), at.next()) {
    const bool first = cursor.tile == cursor.begin;
    const InverseSums inverse = begin_tile(out, shared, at, row, first);
    add_values(out, shared, at.buffer, 4 * group, first);
    __syncwarp();  // every lane has read factors and sums
    if (lane == 0) arrive(&shared.empty[at.buffer]);
    if (copies && !ahead.done()) {
      wait(&shared.empty[at.buffer], at.parity);
      start_tile_copy(shared, at.buffer, cache_map, page);
      ahead.next();
      page = page_of(params, ahead);
    }
    __syncwarp();
    if (cursor.last_of_sequence()) {
      store_output(params, out, slot_of(cursor, params.first_slot), cursor.sequence, first_row + row,
                   256 * group + lane % 4 * 2, inverse.of);
    }
  }
}

}  // namespace moesim::decode_wgmma
