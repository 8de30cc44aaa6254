#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/gemm/operand_layout.hpp"
#include "models/number_format.hpp"

namespace moesim {

/// One side of a grouped GEMM on the device, filled with random numbers: BF16 of deviation 1, or E4M3 of
/// deviation 120 (a block quantised by its largest number, 448, has that) with scales in [0.5, 1.5) / 120.
class GroupedOperand {
 public:
  /// `format` is bf16 or fp8. Asynchronous on `stream`. Throws CudaError.
  GroupedOperand(NumberFormat format, GroupedLayout layout, std::uint64_t seed, cudaStream_t stream);

  [[nodiscard]] const GroupedLayout& layout() const { return layout_; }
  [[nodiscard]] const OperandLayout& group(std::size_t g) const { return layout_.groups[g].layout; }
  [[nodiscard]] const std::byte* data(std::size_t g) const {
    return elements_.data() + layout_.groups[g].element_offset * element_bytes_;
  }
  [[nodiscard]] std::byte* elements() { return elements_.data(); }  ///< of all groups
  [[nodiscard]] float* all_scales() { return scales_.data(); }
  /// Null in BF16.
  [[nodiscard]] const float* scales(std::size_t g) const {
    return scales_.size() == 0 ? nullptr : scales_.data() + layout_.groups[g].scale_offset;
  }

 private:
  GroupedLayout layout_;
  std::int64_t element_bytes_;
  DeviceBuffer<std::byte> elements_;
  DeviceBuffer<float> scales_;
};

}  // namespace moesim
