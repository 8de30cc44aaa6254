#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstddef>

#include "calib/kernels/device_buffer.hpp"

namespace moesim {

/// Adds to `*num_nan` (device) how many of `count` elements are NaN, at most 2^31 - 1. Asynchronous.
void count_nan(const float* data, std::size_t count, int* num_nan, cudaStream_t stream);
void count_nan(const __nv_bfloat16* data, std::size_t count, int* num_nan, cudaStream_t stream);

/// Whether any element of a poisoned output is still NaN, after all work given to the default stream.
template <class T>
bool has_nan(const DeviceBuffer<T>& buffer) {
  DeviceBuffer<int> num_nan(1);
  num_nan.fill_bytes(0);
  count_nan(buffer.data(), buffer.size(), num_nan.data(), nullptr);
  return num_nan.download().front() != 0;
}

}  // namespace moesim
