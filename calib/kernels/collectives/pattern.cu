#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <algorithm>

#include "calib/kernels/collectives/pattern.hpp"
#include "calib/kernels/cuda_error.hpp"

namespace moesim {
namespace {

constexpr int kThreads = 256;

int blocks_for(std::size_t count) {
  return static_cast<int>(std::clamp<std::size_t>((count + kThreads - 1) / kThreads, 1, 4096));
}

__device__ std::size_t first_index() {
  return std::size_t{blockIdx.x} * kThreads + threadIdx.x;
}
__device__ std::size_t index_stride() {
  return std::size_t{gridDim.x} * kThreads;
}

__device__ std::uint16_t bf16_bits(int value) {
  return __bfloat16_as_ushort(__float2bfloat16_rn(static_cast<float>(value)));
}

__global__ void __launch_bounds__(kThreads)
    fill_pattern_kernel(std::uint16_t* data, std::size_t count, PatternKey key) {
  for (std::size_t i = first_index(); i < count; i += index_stride()) data[i] = pattern_element(key, i);
}

__global__ void __launch_bounds__(kThreads)
    fill_summands_kernel(std::uint16_t* data, std::size_t count, PatternKey key, std::size_t first,
                         int num_ranks) {
  for (std::size_t i = first_index(); i < count; i += index_stride())
    data[i] = bf16_bits(summand(key, first + i, num_ranks));
}

__global__ void __launch_bounds__(kThreads)
    pattern_mismatches_kernel(const std::uint16_t* data, std::size_t count, PatternKey key,
                              unsigned long long* mismatches) {
  unsigned long long own = 0;
  for (std::size_t i = first_index(); i < count; i += index_stride())
    own += data[i] != pattern_element(key, i) ? 1 : 0;
  if (own > 0) atomicAdd(mismatches, own);
}

__global__ void __launch_bounds__(kThreads)
    sum_mismatches_kernel(const std::uint16_t* data, std::size_t count, PatternKey key, std::size_t first,
                          int num_ranks, unsigned long long* mismatches) {
  unsigned long long own = 0;
  for (std::size_t i = first_index(); i < count; i += index_stride()) {
    int sum = 0;
    for (int r = 0; r < num_ranks; ++r) {
      key.source = static_cast<std::uint32_t>(r);
      sum += summand(key, first + i, num_ranks);
    }
    own += data[i] != bf16_bits(sum) ? 1 : 0;
  }
  if (own > 0) atomicAdd(mismatches, own);
}

}  // namespace

void fill_pattern(std::uint16_t* data, std::size_t count, PatternKey key, cudaStream_t stream) {
  fill_pattern_kernel<<<blocks_for(count), kThreads, 0, stream>>>(data, count, key);
  check(cudaGetLastError());
}

void fill_summands(std::uint16_t* data, std::size_t count, PatternKey key, std::size_t first, int num_ranks,
                   cudaStream_t stream) {
  fill_summands_kernel<<<blocks_for(count), kThreads, 0, stream>>>(data, count, key, first, num_ranks);
  check(cudaGetLastError());
}

void count_pattern_mismatches(const std::uint16_t* data, std::size_t count, PatternKey key,
                              unsigned long long* mismatches, cudaStream_t stream) {
  pattern_mismatches_kernel<<<blocks_for(count), kThreads, 0, stream>>>(data, count, key, mismatches);
  check(cudaGetLastError());
}

void count_sum_mismatches(const std::uint16_t* data, std::size_t count, PatternKey key, std::size_t first,
                          int num_ranks, unsigned long long* mismatches, cudaStream_t stream) {
  sum_mismatches_kernel<<<blocks_for(count), kThreads, 0, stream>>>(data, count, key, first, num_ranks,
                                                                    mismatches);
  check(cudaGetLastError());
}

}  // namespace moesim
