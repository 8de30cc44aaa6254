#include "calib/kernels/timer_kernels.hpp"

#include <algorithm>

#include "calib/kernels/cuda_error.hpp"

namespace moesim {

namespace {

constexpr unsigned kThreads = 512;
constexpr std::size_t kMostBlocks = 1024;

__global__ void __launch_bounds__(kThreads)
    read_through_kernel(const uint4* data, std::size_t num_vectors, std::uint32_t* sink) {
  const std::size_t num_threads = std::size_t{gridDim.x} * blockDim.x;
  std::uint32_t fold = 0;
#pragma unroll 8
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < num_vectors;
       i += num_threads) {
    const uint4 v = __ldcg(data + i);  // kept in L2, unlike __ldcs, whose lines are the first to go
    fold |= v.x | v.y | v.z | v.w;
  }
  if (fold == 0xffffffffU) *sink = fold;  // never: keeps the loads
}

__global__ void empty_kernel() {}

}  // namespace

void launch_read_through(const uint4* data, std::size_t num_vectors, std::uint32_t* sink,
                         cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>(std::clamp<std::size_t>(num_vectors / kThreads, 1, kMostBlocks));
  read_through_kernel<<<blocks, kThreads, 0, stream>>>(data, num_vectors, sink);
  check(cudaGetLastError());
}

void launch_empty(cudaStream_t stream) {
  empty_kernel<<<1, 32, 0, stream>>>();
  check(cudaGetLastError());
}

}  // namespace moesim
