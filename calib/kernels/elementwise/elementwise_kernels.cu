#include "calib/kernels/elementwise/elementwise_kernels.hpp"

#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/elementwise/reference.hpp"

namespace moesim {

namespace {

constexpr int kThreads = 256;
constexpr int kWidth = 8;  // elements of a 16-byte vector
constexpr int kNormVectors = kMostNormColumns / (kThreads * kWidth);

struct Vector {
  float values[kWidth];
};

__device__ Vector load(const __nv_bfloat16* from) {
  const uint4 raw = __ldg(reinterpret_cast<const uint4*>(from));
  const auto* pairs = reinterpret_cast<const __nv_bfloat162*>(&raw);
  Vector out;
#pragma unroll
  for (int i = 0; i < kWidth / 2; ++i) {
    const float2 two = __bfloat1622float2(pairs[i]);
    out.values[2 * i] = two.x;
    out.values[2 * i + 1] = two.y;
  }
  return out;
}

__device__ void store(const Vector& v, __nv_bfloat16* to) {
  uint4 raw;
  auto* pairs = reinterpret_cast<__nv_bfloat162*>(&raw);
#pragma unroll
  for (int i = 0; i < kWidth / 2; ++i) pairs[i] = __floats2bfloat162_rn(v.values[2 * i], v.values[2 * i + 1]);
  *reinterpret_cast<uint4*>(to) = raw;
}

/// The first element of this thread's vector among rows x columns.
__device__ std::size_t first_element() {
  return (std::size_t{blockIdx.x} * kThreads + threadIdx.x) * kWidth;
}

__global__ void __launch_bounds__(kThreads)
    swiglu_kernel(const __nv_bfloat16* in, __nv_bfloat16* out, std::size_t count, std::size_t columns) {
  const std::size_t i = first_element();
  if (i >= count) return;
  const std::size_t row = i / columns;
  const __nv_bfloat16* gate_at = in + i + row * columns;  // rows of `in` are twice as long
  Vector gate = load(gate_at);
  const Vector up = load(gate_at + columns);
#pragma unroll
  for (int k = 0; k < kWidth; ++k) gate.values[k] *= up.values[k] / (1.0F + __expf(-gate.values[k]));
  store(gate, out + i);
}

__device__ float block_sum(float value) {
  __shared__ float parts[kThreads / 32];
  for (int lanes = 16; lanes > 0; lanes /= 2) value += __shfl_xor_sync(0xffffffffU, value, lanes);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kThreads / 32; ++i) sum += parts[i];
  return sum;
}

/// A block normalises a row, which it holds in registers.
__global__ void __launch_bounds__(kThreads)
    rms_norm_kernel(const __nv_bfloat16* in, const __nv_bfloat16* weight, __nv_bfloat16* out,
                    std::size_t columns) {
  const std::size_t row = std::size_t{blockIdx.x} * columns;
  Vector held[kNormVectors];
  float squares = 0;
#pragma unroll
  for (int v = 0; v < kNormVectors; ++v) {
    const std::size_t c = (std::size_t{threadIdx.x} + static_cast<std::size_t>(v) * kThreads) * kWidth;
    if (c >= columns) continue;
    held[v] = load(in + row + c);
#pragma unroll
    for (const float x : held[v].values) squares += x * x;
  }
  const float mean = block_sum(squares) / static_cast<float>(columns);
  const float scale = rsqrtf(mean + static_cast<float>(kNormEpsilon));
#pragma unroll
  for (int v = 0; v < kNormVectors; ++v) {
    const std::size_t c = (std::size_t{threadIdx.x} + static_cast<std::size_t>(v) * kThreads) * kWidth;
    if (c >= columns) continue;
    const Vector factors = load(weight + c);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) held[v].values[k] *= scale * factors.values[k];
    store(held[v], out + row + c);
  }
}

__global__ void __launch_bounds__(kThreads)
    rope_kernel(const __nv_bfloat16* in, const float2* table, __nv_bfloat16* out, std::size_t count,
                std::size_t columns) {
  const std::size_t i = first_element();
  if (i >= count) return;
  const std::size_t position = i / columns % kRotaryPositions;
  const float2* turns = table + position * (kRotaryDims / 2) + rotary_pair(i % columns);
  Vector v = load(in + i);
#pragma unroll
  for (int k = 0; k < kWidth; k += 2) {
    const float2 turn = __ldg(turns + k / 2);
    const float x = v.values[k];
    const float y = v.values[k + 1];
    v.values[k] = x * turn.x - y * turn.y;
    v.values[k + 1] = x * turn.y + y * turn.x;
  }
  store(v, out + i);
}

/// Half a warp holds a block of 128: 16 lanes of 8.
__global__ void __launch_bounds__(kThreads)
    quantize_kernel(const __nv_bfloat16* in, __nv_fp8_e4m3* out, float* scales, std::size_t count) {
  const std::size_t i = first_element();
  if (i >= count) return;  // count is a multiple of 128, so whole half-warps leave
  const Vector v = load(in + i);
  float largest = 0;
#pragma unroll
  for (const float x : v.values) largest = fmaxf(largest, fabsf(x));
  const unsigned half = 0xffffU << (threadIdx.x % 32 / 16 * 16);
  for (int lanes = 8; lanes > 0; lanes /= 2) largest = fmaxf(largest, __shfl_xor_sync(half, largest, lanes));
  const float scale = largest > 0 ? largest / kLargestFp8 : 1.0F;
  uint2 packed;
  auto* bytes = reinterpret_cast<__nv_fp8_e4m3*>(&packed);
#pragma unroll
  for (int k = 0; k < kWidth; ++k) bytes[k] = __nv_fp8_e4m3(v.values[k] / scale);
  *reinterpret_cast<uint2*>(out + i) = packed;
  if (threadIdx.x % 16 == 0) scales[i / kQuantizedBlock] = scale;
}

unsigned grid_of(std::size_t count) {
  return static_cast<unsigned>((count / kWidth + kThreads - 1) / kThreads);
}

}  // namespace

void launch_swiglu(const __nv_bfloat16* in, __nv_bfloat16* out, std::size_t rows, std::size_t columns,
                   cudaStream_t stream) {
  swiglu_kernel<<<grid_of(rows * columns), kThreads, 0, stream>>>(in, out, rows * columns, columns);
  check(cudaGetLastError());
}

void launch_rms_norm(const __nv_bfloat16* in, const __nv_bfloat16* weight, __nv_bfloat16* out,
                     std::size_t rows, std::size_t columns, cudaStream_t stream) {
  rms_norm_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(in, weight, out, columns);
  check(cudaGetLastError());
}

void launch_rope(const __nv_bfloat16* in, const float2* table, __nv_bfloat16* out, std::size_t rows,
                 std::size_t columns, cudaStream_t stream) {
  rope_kernel<<<grid_of(rows * columns), kThreads, 0, stream>>>(in, table, out, rows * columns, columns);
  check(cudaGetLastError());
}

void launch_quantize(const __nv_bfloat16* in, __nv_fp8_e4m3* out, float* scales, std::size_t rows,
                     std::size_t columns, cudaStream_t stream) {
  quantize_kernel<<<grid_of(rows * columns), kThreads, 0, stream>>>(in, out, scales, rows * columns);
  check(cudaGetLastError());
}

}  // namespace moesim
