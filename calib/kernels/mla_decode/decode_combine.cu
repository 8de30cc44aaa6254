// Combines the pieces of split sequences: a block for each row, a thread for four of its columns.

#include "calib/kernels/attention/mma_sync.cuh"
#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/mla_decode/combine_weights.hpp"
#include "calib/kernels/mla_decode/decode_kernels.hpp"

namespace moesim {
namespace {

constexpr int kThreads = kDecodeValueDim / 4;
constexpr int kMostPieces = kMostDecodeParts;

__global__ void __launch_bounds__(kThreads)
    decode_combine_kernel(const DecodeParams params, const int* split_sequences) {
  const int sequence = split_sequences[blockIdx.y];
  const int rows = params.shape.rows();
  const int row = static_cast<int>(blockIdx.x);
  const int first = params.first_slot[sequence];
  const int pieces = params.first_slot[sequence + 1] - first;
  __shared__ float lse[kMostPieces];
  for (int piece = static_cast<int>(threadIdx.x); piece < pieces; piece += kThreads)
    lse[piece] = params.partial_lse[static_cast<long long>(first + piece) * rows + row];
  __syncthreads();
  const CombinedSum sum = combine_sums(lse, pieces);

  const float* from = params.partial_out + (static_cast<long long>(first) * rows + row) * kDecodeValueDim;
  float4 out{0, 0, 0, 0};
#pragma unroll 4
  for (int piece = 0; piece < pieces; ++piece) {
    const float weight = sum.weight(lse[piece]);
    const float4 part = reinterpret_cast<const float4*>(from + static_cast<long long>(piece) * rows *
                                                                   kDecodeValueDim)[threadIdx.x];
    out.x += weight * part.x;
    out.y += weight * part.y;
    out.z += weight * part.z;
    out.w += weight * part.w;
  }
  const long long line = static_cast<long long>(sequence) * rows + row;
  const uint2 rounded{pack_bf16(out.x, out.y), pack_bf16(out.z, out.w)};
  reinterpret_cast<uint2*>(params.out + line * kDecodeValueDim)[threadIdx.x] = rounded;
  if (threadIdx.x == 0) params.lse[line] = sum.lse();
}

}  // namespace

void launch_decode_combine(const DecodeParams& params, const int* split_sequences, int num_split,
                           cudaStream_t stream) {
  if (num_split == 0) return;
  const dim3 grid(static_cast<unsigned>(params.shape.rows()), static_cast<unsigned>(num_split));
  decode_combine_kernel<<<grid, kThreads, 0, stream>>>(params, split_sequences);
  check(cudaGetLastError());
}

}  // namespace moesim
