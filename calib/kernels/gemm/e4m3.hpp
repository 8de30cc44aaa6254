#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace moesim {

/// The largest E4M3 number.
inline constexpr double kLargestE4m3 = 448;

/// The number that a byte of E4M3 (sign, 4 bits of exponent with bias 7, 3 of mantissa) stands for; NaN for
/// 0x7f and 0xff. There are no infinities.
inline double e4m3_value(std::uint8_t bits) {
  const int exponent = (bits >> 3) & 15;
  const int mantissa = bits & 7;
  if (exponent == 15 && mantissa == 7) return std::numeric_limits<double>::quiet_NaN();
  const double size = exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8 + mantissa, exponent - 10);
  return (bits & 0x80) != 0 ? -size : size;
}

/// The nearest E4M3 number to a finite one, ties to an even mantissa; 448 beyond that.
inline std::uint8_t e4m3_bits(double value) {
  const std::uint8_t sign = std::signbit(value) ? 0x80 : 0;
  const double size = std::min(std::abs(value), kLargestE4m3);
  const int exponent = std::max(size == 0 ? -6 : std::ilogb(size), -6);
  // Steps of 2^(exponent - 3): 8 to 16 of them for normal numbers, fewer than 8 for subnormal ones.
  const auto steps = static_cast<int>(std::nearbyint(std::ldexp(size, 3 - exponent)));
  return static_cast<std::uint8_t>(sign | ((exponent + 6) * 8 + steps));
}

}  // namespace moesim
