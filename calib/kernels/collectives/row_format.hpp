#pragma once

#include <cstddef>

#include "calib/kernels/host_device.hpp"

namespace moesim {

/// A token as it travels: FP8 values, one FP32 scale for each 128 of them and a header of 16 bytes that names
/// the token, or BF16 values alone. All parts start at multiples of 16 bytes.
struct RowFormat {
  int hidden = 7168;  ///< a multiple of 512
  bool fp8 = true;

  [[nodiscard]] MOESIM_HOST_DEVICE std::size_t scale_offset() const {
    return static_cast<std::size_t>(hidden);
  }
  [[nodiscard]] MOESIM_HOST_DEVICE std::size_t header_offset() const {
    return scale_offset() + static_cast<std::size_t>(hidden / 128) * sizeof(float);
  }
  [[nodiscard]] MOESIM_HOST_DEVICE std::size_t bytes() const {
    return fp8 ? header_offset() + 16 : static_cast<std::size_t>(hidden) * 2;
  }
  /// 16-byte parts.
  [[nodiscard]] MOESIM_HOST_DEVICE int vectors() const { return static_cast<int>(bytes() / 16); }
};

}  // namespace moesim
