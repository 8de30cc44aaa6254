#include "calib/kernels/fill.hpp"

#include <curand_kernel.h>

#include <algorithm>

#include "calib/kernels/cuda_error.hpp"

namespace moesim {

namespace {

__device__ void store(float value, float* out) {
  *out = value;
}
__device__ void store(float value, __nv_bfloat16* out) {
  *out = __float2bfloat16_rn(value);
}
__device__ void store(float value, __nv_fp8_e4m3* out) {
  *out = __nv_fp8_e4m3(value);
}

/// One thread writes four neighbours: the numbers of one Philox block, whose counter is their place.
template <class T, bool kNormal>
__global__ void fill_kernel(T* data, std::size_t count, std::uint64_t seed, float offset, float scale) {
  const std::size_t num_threads = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t block = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; block * 4 < count;
       block += num_threads) {
    curandStatePhilox4_32_10_t state;
    curand_init(seed, block, 0, &state);
    const float4 drawn = kNormal ? curand_normal4(&state) : curand_uniform4(&state);
    const float values[4] = {drawn.x, drawn.y, drawn.z, drawn.w};
    for (std::size_t i = 0; i < 4 && block * 4 + i < count; ++i)
      store(offset + scale * values[i], data + block * 4 + i);
  }
}

template <class T, bool kNormal>
void launch_fill(T* data, std::size_t count, std::uint64_t seed, float offset, float scale,
                 cudaStream_t stream) {
  if (count == 0) return;
  const auto blocks = static_cast<unsigned>(std::min<std::size_t>((count + 1023) / 1024, 4096));
  fill_kernel<T, kNormal><<<blocks, 256, 0, stream>>>(data, count, seed, offset, scale);
  check(cudaGetLastError());
}

}  // namespace

void fill_normal(float* data, std::size_t count, std::uint64_t seed, float sigma, cudaStream_t stream) {
  launch_fill<float, true>(data, count, seed, 0, sigma, stream);
}
void fill_normal(__nv_bfloat16* data, std::size_t count, std::uint64_t seed, float sigma,
                 cudaStream_t stream) {
  launch_fill<__nv_bfloat16, true>(data, count, seed, 0, sigma, stream);
}
void fill_normal(__nv_fp8_e4m3* data, std::size_t count, std::uint64_t seed, float sigma,
                 cudaStream_t stream) {
  launch_fill<__nv_fp8_e4m3, true>(data, count, seed, 0, sigma, stream);
}
void fill_uniform(float* data, std::size_t count, std::uint64_t seed, float low, float high,
                  cudaStream_t stream) {
  // curand_uniform4 lies in (0, 1]; high - x * (high - low) lies in [low, high).
  launch_fill<float, false>(data, count, seed, high, low - high, stream);
}

}  // namespace moesim
