#include <algorithm>

#include "calib/kernels/dispatch/quantise_lanes.cuh"
#include "calib/kernels/dispatch/rows.hpp"
#include "calib/kernels/dispatch/weighted_sum.cuh"
#include "calib/kernels/launch.cuh"

namespace moesim {
namespace {

constexpr int kWarpSize = 32;
constexpr int kWarpsPerBlock = 8;
constexpr int kVectorElements = 8;  ///< BF16 numbers in 16 bytes

/// Pieces of rows that warps take in turn: piece = token * pieces_per_row + part of the row.
struct Pieces {
  int per_row;
  long long count;
  __device__ static long long first() {
    return static_cast<long long>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarpSize;
  }
  __device__ static long long stride() { return static_cast<long long>(gridDim.x) * kWarpsPerBlock; }
};

Pieces pieces_of(const RowCopies& copies, int elements_per_piece) {
  const int per_row = (copies.columns + elements_per_piece - 1) / elements_per_piece;
  return {per_row, static_cast<long long>(copies.tokens) * per_row};
}

int blocks_for(const Pieces& pieces, int num_sms) {
  const long long blocks = (pieces.count + kWarpsPerBlock - 1) / kWarpsPerBlock;
  return static_cast<int>(std::min<long long>(blocks, static_cast<long long>(num_sms) * 8));
}

constexpr int kPermuteVectors = 4;  ///< 16-byte loads in flight a lane

__global__ void __launch_bounds__(kWarpsPerBlock* kWarpSize)
    permute_rows(RowCopies copies, Pieces pieces, const uint4* __restrict__ tokens,
                 uint4* __restrict__ rows) {
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
  const int vectors = copies.columns / kVectorElements;
  for (long long piece = Pieces::first(); piece < pieces.count; piece += Pieces::stride()) {
    const auto token = static_cast<std::size_t>(piece / pieces.per_row);
    const int first = static_cast<int>(piece % pieces.per_row) * (kPermuteVectors * kWarpSize) + lane;
    uint4 values[kPermuteVectors];
#pragma unroll
    for (int i = 0; i < kPermuteVectors; ++i)
      if (first + i * kWarpSize < vectors) values[i] = tokens[token * vectors + first + i * kWarpSize];
    for (int k = 0; k < copies.top_k; ++k) {
      const auto row = static_cast<std::size_t>(copies.position[token * copies.top_k + k]);
#pragma unroll
      for (int i = 0; i < kPermuteVectors; ++i)
        if (first + i * kWarpSize < vectors) rows[row * vectors + first + i * kWarpSize] = values[i];
    }
  }
}

constexpr int kLaneElements = 16;  ///< elements that a lane quantises

__global__ void __launch_bounds__(kWarpsPerBlock* kWarpSize)
    quantise_rows(RowCopies copies, Pieces pieces, const uint4* __restrict__ tokens, uint4* __restrict__ rows,
                  float* __restrict__ scales) {
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
  const int units = copies.columns / kLaneElements;
  const int blocks = copies.columns / kQuantBlock;
  for (long long piece = Pieces::first(); piece < pieces.count; piece += Pieces::stride()) {
    const auto token = static_cast<std::size_t>(piece / pieces.per_row);
    const int unit = static_cast<int>(piece % pieces.per_row) * kWarpSize + lane;
    uint4 raw[2] = {};
    if (unit < units) {
      raw[0] = tokens[(token * units + unit) * 2];
      raw[1] = tokens[(token * units + unit) * 2 + 1];
    }
    const QuantisedLane quantised = quantise_lane(raw);
    if (unit >= units) continue;
    for (int k = 0; k < copies.top_k; ++k) {
      const auto row = static_cast<std::size_t>(copies.position[token * copies.top_k + k]);
      rows[row * units + unit] = quantised.codes;
      if (unit % 8 == 0) scales[row * blocks + unit / 8] = quantised.scale;
    }
  }
}

constexpr int kReadAhead = 4;  ///< rows of a token in flight a lane

__global__ void __launch_bounds__(kWarpsPerBlock* kWarpSize)
    unpermute_rows(RowCopies copies, Pieces pieces, const uint4* __restrict__ rows,
                   const float* __restrict__ weights, uint4* __restrict__ tokens) {
  const int lane = static_cast<int>(threadIdx.x % kWarpSize);
  const int vectors = copies.columns / kVectorElements;
  for (long long piece = Pieces::first(); piece < pieces.count; piece += Pieces::stride()) {
    const auto token = static_cast<std::size_t>(piece / pieces.per_row);
    const int vector = static_cast<int>(piece % pieces.per_row) * kWarpSize + lane;
    if (vector >= vectors) continue;
    float sum[kVectorElements] = {};
    for (int k = 0; k < copies.top_k; k += kReadAhead) {
      uint4 values[kReadAhead];
#pragma unroll
      for (int i = 0; i < kReadAhead; ++i) {
        if (k + i < copies.top_k) {
          const auto row = static_cast<std::size_t>(copies.position[token * copies.top_k + k + i]);
          values[i] = rows[row * vectors + vector];
        }
      }
#pragma unroll
      for (int i = 0; i < kReadAhead; ++i)
        if (k + i < copies.top_k) add_weighted(sum, values[i], weights[token * copies.top_k + k + i]);
    }
    tokens[token * vectors + vector] = rounded(sum);
  }
}

}  // namespace

void launch_permute(const RowCopies& copies, const __nv_bfloat16* tokens, __nv_bfloat16* rows, int num_sms,
                    cudaStream_t stream) {
  const Pieces pieces = pieces_of(copies, kPermuteVectors * kWarpSize * kVectorElements);
  start_kernel(permute_rows, blocks_for(pieces, num_sms), kWarpsPerBlock * kWarpSize, 0, stream, copies,
               pieces, reinterpret_cast<const uint4*>(tokens), reinterpret_cast<uint4*>(rows));
}

void launch_quantise_permute(const RowCopies& copies, const __nv_bfloat16* tokens, std::uint8_t* rows,
                             float* scales, int num_sms, cudaStream_t stream) {
  const Pieces pieces = pieces_of(copies, kWarpSize * kLaneElements);
  start_kernel(quantise_rows, blocks_for(pieces, num_sms), kWarpsPerBlock * kWarpSize, 0, stream, copies,
               pieces, reinterpret_cast<const uint4*>(tokens), reinterpret_cast<uint4*>(rows), scales);
}

void launch_unpermute(const RowCopies& copies, const __nv_bfloat16* rows, const float* weights,
                      __nv_bfloat16* tokens, int num_sms, cudaStream_t stream) {
  const Pieces pieces = pieces_of(copies, kWarpSize * kVectorElements);
  start_kernel(unpermute_rows, blocks_for(pieces, num_sms), kWarpsPerBlock * kWarpSize, 0, stream, copies,
               pieces, reinterpret_cast<const uint4*>(rows), weights, reinterpret_cast<uint4*>(tokens));
}

}  // namespace moesim
