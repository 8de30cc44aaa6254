#pragma once

// MLA decode with wgmma and TMA. A block of three warpgroups owns 64 query rows and walks through the tiles
// of its part. Warpgroup 0 computes scores and weights of tile t + 1 while warpgroups 1 and 2, each with 256
// of the 512 output columns in registers, multiply the weights of tile t with its values.
//
// Two buffers hold a tile of cache [64, 576] each. Once the scores of a tile are known, the last 64 columns
// (rotary part, no values) are free, and its weights P [64, 64] are written there. Barriers, each with a
// phase per use of a buffer:
//   full[b][c]    a third (192 columns) of the tile has been copied; counts bytes
//   weights[b]    P, the factor of the old output and (last tile) the sums have been written; 4 warps
//   empty[b]      both value warpgroups have done with tile and weights; 8 warps
// One thread of warpgroup 1 starts the copies of tile t + 2 when tile t is empty.

#include "calib/kernels/mla_decode/decode_wgmma.hpp"
#include "calib/kernels/mla_decode/wgmma_scores.cuh"
#include "calib/kernels/mla_decode/wgmma_values.cuh"

namespace moesim::decode_wgmma {

constexpr int kSharedBytes = sizeof(Shared) + 1024;  // the base may have to be aligned
static_assert(kSharedBytes <= 227 * 1024);

__global__ void __launch_bounds__(kThreads, 1)
    decode_wgmma_kernel(const __grid_constant__ DecodeParams params,
                        const __grid_constant__ DecodeTensorMaps maps) {
  Shared& shared = *reinterpret_cast<Shared*>(aligned_shared_memory());
  if (threadIdx.x == 0) {
    init_barrier(&shared.query_full, 1);
    for (int buffer = 0; buffer < 2; ++buffer) {
      for (int third = 0; third < kThirds; ++third) init_barrier(&shared.full[buffer][third], 1);
      init_barrier(&shared.weights[buffer], 4);
      init_barrier(&shared.empty[buffer], 8);
    }
    publish_barriers();
  }
  __syncthreads();
  const TileCursor cursor(params.parts[blockIdx.y], params.lengths);
  const int first_row = static_cast<int>(blockIdx.x) * kTileQueries;
  if (threadIdx.x < kGroupThreads) {
    run_scores(params, &maps.query, shared, cursor, first_row);
  } else {
    run_values(params, &maps.cache, shared, cursor, first_row);
  }
}

}  // namespace moesim::decode_wgmma
