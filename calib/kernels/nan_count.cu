#include "calib/kernels/nan_count.hpp"

#include <algorithm>

#include "calib/kernels/launch.cuh"

namespace moesim {

namespace {

constexpr int kThreads = 256;
constexpr std::size_t kMostBlocks = 1024;

__device__ bool is_nan(float x) {
  return x != x;
}
__device__ bool is_nan(__nv_bfloat16 x) {
  return is_nan(__bfloat162float(x));
}

template <class T>
__global__ void count_nan_kernel(const T* data, std::size_t count, int* num_nan) {
  const std::size_t step = std::size_t{gridDim.x} * kThreads;
  int mine = 0;
  for (std::size_t i = std::size_t{blockIdx.x} * kThreads + threadIdx.x; i < count; i += step)
    mine += is_nan(data[i]) ? 1 : 0;
  if (mine > 0) atomicAdd(num_nan, mine);
}

template <class T>
void launch_count(const T* data, std::size_t count, int* num_nan, cudaStream_t stream) {
  if (count == 0) return;
  const auto blocks = static_cast<int>(std::min((count + kThreads - 1) / kThreads, kMostBlocks));
  start_kernel(count_nan_kernel<T>, blocks, kThreads, 0, stream, data, count, num_nan);
}

}  // namespace

void count_nan(const float* data, std::size_t count, int* num_nan, cudaStream_t stream) {
  launch_count(data, count, num_nan, stream);
}
void count_nan(const __nv_bfloat16* data, std::size_t count, int* num_nan, cudaStream_t stream) {
  launch_count(data, count, num_nan, stream);
}

}  // namespace moesim
