#include "calib/kernels/collectives/transfer_check.hpp"

#include <cuda_runtime.h>

#include <algorithm>

#include "calib/kernels/cuda_error.hpp"

namespace moesim {
namespace {

constexpr int kThreads = 256;

int blocks_for(std::size_t rows) {
  return static_cast<int>(std::clamp<std::size_t>(rows, 1, 8192));
}

/// A block a row, in turn.
__global__ void __launch_bounds__(kThreads)
    fill_rows(__nv_bfloat16* rows, std::size_t num_rows, int hidden, std::uint32_t seed, int rank) {
  for (std::size_t row = blockIdx.x; row < num_rows; row += gridDim.x)
    for (int c = static_cast<int>(threadIdx.x); c < hidden; c += kThreads)
      rows[row * hidden + c] = __float2bfloat16_rn(row_value(seed, rank, static_cast<int>(row), c));
}

__global__ void __launch_bounds__(kThreads)
    compare_rows(const std::uint16_t* rows, std::size_t row_elements, const RowOrigin* origins,
                 std::size_t num_origins, std::uint32_t seed, unsigned long long* mismatches) {
  unsigned long long own = 0;
  for (std::size_t i = blockIdx.x; i < num_origins; i += gridDim.x) {
    const RowOrigin origin = origins[i];
    const PatternKey key{seed, static_cast<std::uint32_t>(origin.source), 0};
    const std::uint16_t* row = rows + static_cast<std::size_t>(origin.row) * row_elements;
    const std::size_t first = static_cast<std::size_t>(origin.token) * row_elements;
    for (std::size_t c = threadIdx.x; c < row_elements; c += kThreads)
      own += row[c] != pattern_element(key, first + c) ? 1 : 0;
  }
  if (own > 0) atomicAdd(mismatches, own);
}

}  // namespace

void fill_row_values(__nv_bfloat16* rows, std::size_t num_rows, int hidden, std::uint32_t seed, int rank,
                     cudaStream_t stream) {
  fill_rows<<<blocks_for(num_rows), kThreads, 0, stream>>>(rows, num_rows, hidden, seed, rank);
  check(cudaGetLastError());
}

void count_row_mismatches(const std::uint16_t* rows, std::size_t row_elements, const RowOrigin* origins,
                          std::size_t num_origins, std::uint32_t seed, unsigned long long* mismatches,
                          cudaStream_t stream) {
  compare_rows<<<blocks_for(num_origins), kThreads, 0, stream>>>(rows, row_elements, origins, num_origins,
                                                                 seed, mismatches);
  check(cudaGetLastError());
}

}  // namespace moesim
