#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include "calib/kernels/expert_mlp/mlp_kernels.hpp"
#include "calib/kernels/gemm/scale_layout.hpp"
#include "calib/kernels/launch.cuh"

namespace moesim {

namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;
constexpr float kLargestE4m3 = 448;
constexpr float kLeastAmax = 1e-4F;  // as the recipe of DeepSeek-V3 has it: a block of zeros keeps a scale

/// One block per row, 16 bytes per thread and step.
__global__ void pack_kernel(ReceivedTokens tokens, int row_bytes, const PackedRow* rows, std::byte* packed,
                            float* packed_scales) {
  const PackedRow row = rows[blockIdx.x];
  const auto* from = reinterpret_cast<const uint4*>(tokens.elements + std::int64_t{row.token} * row_bytes);
  auto* to = reinterpret_cast<uint4*>(packed + row.slot * row_bytes);
  for (int i = static_cast<int>(threadIdx.x); i < row_bytes / 16; i += kThreads) to[i] = from[i];
  if (tokens.scales == nullptr) return;
  const int blocks = tokens.hidden / kScaleBlock;
  for (int i = static_cast<int>(threadIdx.x); i < blocks; i += kThreads)
    packed_scales[row.gate_up_scale + i * row.scale_stride] =
        tokens.scales[std::int64_t{row.token} * blocks + i];
}

struct Four {
  float values[4];
};

__device__ Four load_four(const __nv_bfloat16* from) {
  const uint2 bits = *reinterpret_cast<const uint2*>(from);
  const float2 low = __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162*>(&bits.x));
  const float2 high = __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162*>(&bits.y));
  return {{low.x, low.y, high.x, high.y}};
}

/// Four neighbours of silu(gate) * up, from column `column` on.
__device__ Four activate(const __nv_bfloat16* row, int inter, int column) {
  const Four gate = load_four(row + column);
  const Four up = load_four(row + inter + column);
  Four out;
#pragma unroll
  for (int i = 0; i < 4; ++i) out.values[i] = gate.values[i] / (1 + expf(-gate.values[i])) * up.values[i];
  return out;
}

/// One warp per 128 columns of a row, four a lane. blockIdx.x counts rows, blockIdx.y groups of kWarps
/// blocks.
template <bool kQuantise>
__global__ void swiglu_kernel(const __nv_bfloat16* gate_up, const PackedRow* rows, int per_row, int inter,
                              std::byte* out, float* scales) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const int block = static_cast<int>(blockIdx.x) % per_row * kWarps + static_cast<int>(threadIdx.x) / 32;
  if (block * kScaleBlock >= inter) return;
  const PackedRow row = rows[static_cast<int>(blockIdx.x) / per_row];
  const int column = block * kScaleBlock + lane * 4;
  const Four value = activate(gate_up + row.slot * 2 * inter, inter, column);
  if constexpr (!kQuantise) {
    const __nv_bfloat162 pair[2] = {__floats2bfloat162_rn(value.values[0], value.values[1]),
                                    __floats2bfloat162_rn(value.values[2], value.values[3])};
    auto* to = reinterpret_cast<__nv_bfloat16*>(out) + row.slot * inter + column;
    *reinterpret_cast<uint2*>(to) = *reinterpret_cast<const uint2*>(pair);
  } else {
    float largest = kLeastAmax;
#pragma unroll
    for (int i = 0; i < 4; ++i) largest = fmaxf(largest, fabsf(value.values[i]));
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2)
      largest = fmaxf(largest, __shfl_xor_sync(0xffffffffU, largest, apart));
    const float scale = largest / kLargestE4m3;
    unsigned bits = 0;
#pragma unroll
    for (int i = 0; i < 4; ++i) bits |= unsigned{__nv_fp8_e4m3(value.values[i] / scale).__x} << (8 * i);
    *reinterpret_cast<unsigned*>(out + row.slot * inter + column) = bits;
    if (lane == 0) scales[row.down_scale + block * row.scale_stride] = scale;
  }
}

template <bool kQuantise>
void launch_swiglu(const std::byte* gate_up, const PackedRow* rows, int num_rows, int inter, std::byte* out,
                   float* scales, cudaStream_t stream) {
  if (num_rows == 0) return;
  const int per_row = ceil_div(inter, kScaleBlock * kWarps);
  start_kernel(swiglu_kernel<kQuantise>, num_rows * per_row, kThreads, 0, stream,
               reinterpret_cast<const __nv_bfloat16*>(gate_up), rows, per_row, inter, out, scales);
}

}  // namespace

void pack_tokens(const ReceivedTokens& tokens, const PackedRow* rows, int num_rows, std::byte* packed,
                 float* packed_scales, cudaStream_t stream) {
  if (num_rows == 0) return;
  const int row_bytes = tokens.hidden * (tokens.scales == nullptr ? 2 : 1);
  start_kernel(pack_kernel, num_rows, kThreads, 0, stream, tokens, row_bytes, rows, packed, packed_scales);
}

void swiglu(const std::byte* gate_up, const PackedRow* rows, int num_rows, int inter, std::byte* out,
            cudaStream_t stream) {
  launch_swiglu<false>(gate_up, rows, num_rows, inter, out, nullptr, stream);
}
void swiglu_quantise(const std::byte* gate_up, const PackedRow* rows, int num_rows, int inter, std::byte* out,
                     float* scales, cudaStream_t stream) {
  launch_swiglu<true>(gate_up, rows, num_rows, inter, out, scales, stream);
}

}  // namespace moesim
