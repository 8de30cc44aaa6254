#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/spec_codec.hpp"

namespace moesim {

/// How numbers are stored and multiplied.
enum class NumberFormat : std::uint8_t { fp8, bf16, fp32 };

template <>
struct EnumNames<NumberFormat> {
  static constexpr std::array<std::pair<NumberFormat, std::string_view>, 3> table{
      {{NumberFormat::fp8, "fp8"}, {NumberFormat::bf16, "bf16"}, {NumberFormat::fp32, "fp32"}}};
};

/// Bytes of one element, without block scales.
[[nodiscard]] constexpr double bytes_per_element(NumberFormat format) {
  switch (format) {
    case NumberFormat::fp8:
      return 1;
    case NumberFormat::bf16:
      return 2;
    case NumberFormat::fp32:
      return 4;
  }
  return 0;
}

}  // namespace moesim
