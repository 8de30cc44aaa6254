#include "calib/kernels/machine/copy_kernels.hpp"

#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/machine/tile_map.hpp"

namespace moesim {

namespace {

__device__ std::uint32_t folded(uint4 v) {
  return v.x ^ v.y ^ v.z ^ v.w;
}

/// The exclusive or over the block, in thread 0.
__device__ std::uint32_t block_fold(std::uint32_t value) {
  __shared__ std::uint32_t parts[kTileThreads / 32];
  for (int lanes = 16; lanes > 0; lanes /= 2) value ^= __shfl_xor_sync(0xffffffffU, value, lanes);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  std::uint32_t all = 0;
  if (threadIdx.x == 0)
    for (const std::uint32_t part : parts) all ^= part;
  return all;
}

__global__ void __launch_bounds__(kTileThreads)
    write_kernel(uint4* out, std::size_t count, std::uint32_t seed) {
#pragma unroll
  for (int step = 0; step < kTileSteps; ++step) {
    const std::size_t i = tile_vector(blockIdx.x, threadIdx.x, step);
    if (i >= count) return;
    __stcs(out + i, make_uint4(pattern_word(4 * i, seed), pattern_word(4 * i + 1, seed),
                               pattern_word(4 * i + 2, seed), pattern_word(4 * i + 3, seed)));
  }
}

__global__ void __launch_bounds__(kTileThreads)
    read_kernel(const uint4* in, std::size_t count, std::uint32_t* out) {
  uint4 loaded[kTileSteps];
#pragma unroll
  for (int step = 0; step < kTileSteps; ++step) {
    const std::size_t i = tile_vector(blockIdx.x, threadIdx.x, step);
    loaded[step] = i < count ? __ldcs(in + i) : make_uint4(0, 0, 0, 0);
  }
  std::uint32_t value = 0;
#pragma unroll
  for (int step = 0; step < kTileSteps; ++step) value ^= folded(loaded[step]);
  value = block_fold(value);
  if (threadIdx.x == 0) out[blockIdx.x] = value;
}

__global__ void __launch_bounds__(kTileThreads) copy_kernel(const uint4* in, uint4* out, std::size_t count) {
  uint4 loaded[kTileSteps];
#pragma unroll
  for (int step = 0; step < kTileSteps; ++step) {
    const std::size_t i = tile_vector(blockIdx.x, threadIdx.x, step);
    if (i < count) loaded[step] = __ldcs(in + i);
  }
#pragma unroll
  for (int step = 0; step < kTileSteps; ++step) {
    const std::size_t i = tile_vector(blockIdx.x, threadIdx.x, step);
    if (i < count) __stcs(out + i, loaded[step]);
  }
}

__global__ void __launch_bounds__(kTileThreads)
    l2_read_kernel(const uint4* in, std::size_t count, int passes, std::uint32_t* out) {
  std::uint32_t value = 0;
  for (int pass = 0; pass < passes; ++pass) {
    const std::size_t tile = pass_tile(blockIdx.x, pass, gridDim.x);
#pragma unroll
    for (int step = 0; step < kTileSteps; ++step) {
      const std::size_t i = tile_vector(tile, threadIdx.x, step);
      if (i < count) value ^= folded(__ldcg(in + i));
    }
  }
  value = block_fold(value);
  if (threadIdx.x == 0) out[blockIdx.x] = value;
}

__global__ void nothing_kernel() {}

unsigned grid_of(std::size_t num_vectors) {
  return static_cast<unsigned>(num_tiles(num_vectors));
}

}  // namespace

void launch_write(uint4* out, std::size_t num_vectors, std::uint32_t seed, cudaStream_t stream) {
  write_kernel<<<grid_of(num_vectors), kTileThreads, 0, stream>>>(out, num_vectors, seed);
  check(cudaGetLastError());
}

void launch_read(const uint4* in, std::size_t num_vectors, std::uint32_t* out, cudaStream_t stream) {
  read_kernel<<<grid_of(num_vectors), kTileThreads, 0, stream>>>(in, num_vectors, out);
  check(cudaGetLastError());
}

void launch_copy(const uint4* in, uint4* out, std::size_t num_vectors, cudaStream_t stream) {
  copy_kernel<<<grid_of(num_vectors), kTileThreads, 0, stream>>>(in, out, num_vectors);
  check(cudaGetLastError());
}

void launch_l2_read(const uint4* in, std::size_t num_vectors, int passes, std::uint32_t* out,
                    cudaStream_t stream) {
  l2_read_kernel<<<grid_of(num_vectors), kTileThreads, 0, stream>>>(in, num_vectors, passes, out);
  check(cudaGetLastError());
}

void launch_nothing(int count, cudaStream_t stream) {
  for (int i = 0; i < count; ++i) nothing_kernel<<<1, 32, 0, stream>>>();
  check(cudaGetLastError());
}

}  // namespace moesim
