#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "calib/kernels/cuda_error.hpp"

namespace moesim {

/// `size` elements in the memory of the current device, uninitialised. Moves, does not copy.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t size) : size_(size) {
    if (size > 0) check(cudaMalloc(reinterpret_cast<void**>(&data_), size * sizeof(T)));
  }
  explicit DeviceBuffer(std::span<const T> values) : DeviceBuffer(values.size()) { upload(values); }
  ~DeviceBuffer() { cudaFree(data_); }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return size_ * sizeof(T); }

  /// Fills the front of the buffer; waits until the copy is done, which cudaMemcpy from pageable memory alone
  /// need not (streams that do not wait for the default one would read too early).
  void upload(std::span<const T> values) {
    check(cudaMemcpy(data_, values.data(), values.size_bytes(), cudaMemcpyHostToDevice));
    check(cudaStreamSynchronize(nullptr));
  }
  /// The whole buffer, after all work given to the default stream.
  [[nodiscard]] std::vector<T> download() const {
    std::vector<T> values(size_);
    if (size_ > 0) check(cudaMemcpy(values.data(), data_, bytes(), cudaMemcpyDeviceToHost));
    return values;
  }
  /// Every byte becomes `value`: 0xff makes NaN of FP32, BF16 and E4M3, so an output that a kernel leaves
  /// out cannot pass its check.
  void fill_bytes(int value, cudaStream_t stream = nullptr) {
    if (size_ > 0) check(cudaMemsetAsync(data_, value, bytes(), stream));
  }
  void poison(cudaStream_t stream = nullptr) { fill_bytes(0xff, stream); }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace moesim
