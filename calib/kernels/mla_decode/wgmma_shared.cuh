#pragma once

// What the warpgroups of decode_wgmma.cu share.

#include "calib/kernels/attention/hopper_instructions.cuh"
#include "calib/kernels/attention/matrix_descriptor.hpp"
#include "calib/kernels/attention/mma_sync.cuh"
#include "calib/kernels/mla_decode/decode_shape.hpp"

namespace moesim::decode_wgmma {

constexpr float kLog2E = 1.4426950408889634f;
constexpr int kThreads = 384;
constexpr int kGroupThreads = 128;
constexpr int kBlockBytes = 64 * 128;                  // 64 rows of a block of 64 columns
constexpr int kTileBlocks = kDecodeKeyDim / 64;        // 9
constexpr int kTileBytes = kTileBlocks * kBlockBytes;  // 73728
constexpr int kThirds = 3;
constexpr int kThirdBytes = kTileBytes / kThirds;
constexpr int kWeightsOffset = kDecodeValueDim / 64 * kBlockBytes;  // of P in a buffer

struct alignas(1024) Shared {
  unsigned char query[kTileBytes];
  unsigned char cache[2][kTileBytes];
  float factor[2][kTileQueries];       // of the output so far
  float inverse_sum[2][kTileQueries];  // of the weights, with the last tile of a sequence
  SharedBarrier query_full;
  SharedBarrier full[2][kThirds];
  SharedBarrier weights[2];
  SharedBarrier empty[2];
};

/// Position of a part in the phases of the two buffers.
struct BufferPhase {
  int buffer = 0;
  int parity = 0;
  __device__ void next() {
    buffer ^= 1;
    if (buffer == 0) parity ^= 1;
  }
};

}  // namespace moesim::decode_wgmma
