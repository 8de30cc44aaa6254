#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/spec_codec.hpp"

namespace moesim {

/// How numbers are stored and multiplied.
enum class NumberFormat : std::uint8_t {
  fp8,  ///< in blocks of 128 (weights 128 x 128) that share an FP32 scale
  bf16,
  fp32,
  mxfp8,  ///< in blocks of 32 along the reduced dimension that share a one-byte scale (OCP microscaling)
  nvfp4,  ///< half a byte, in blocks of 16 that share a one-byte scale: weights while serving, on Blackwell
};

template <>
struct EnumNames<NumberFormat> {
  static constexpr std::array<std::pair<NumberFormat, std::string_view>, 5> table{
      {{NumberFormat::fp8, "fp8"},
       {NumberFormat::bf16, "bf16"},
       {NumberFormat::fp32, "fp32"},
       {NumberFormat::mxfp8, "mxfp8"},
       {NumberFormat::nvfp4, "nvfp4"}}};
};

/// One byte an element, whatever its scales are.
[[nodiscard]] constexpr bool is_fp8(NumberFormat format) {
  return format == NumberFormat::fp8 || format == NumberFormat::mxfp8;
}

/// Bytes of one element, without block scales.
[[nodiscard]] constexpr double bytes_per_element(NumberFormat format) {
  switch (format) {
    case NumberFormat::fp8:
    case NumberFormat::mxfp8:
      return 1;
    case NumberFormat::bf16:
      return 2;
    case NumberFormat::fp32:
      return 4;
    case NumberFormat::nvfp4:
      return 0.5;
  }
  return 0;
}

}  // namespace moesim
