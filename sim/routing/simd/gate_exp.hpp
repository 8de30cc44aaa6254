#pragma once

#include <bit>
#include <cstdint>

namespace moesim {

/// e^x of the gates in single precision: x = k ln 2 + r, a polynomial of degree 7 in r (the coefficients of
/// expf in the Cephes library, Moshier 1989), 2^k by its bits. Only +, -, * in this order, so that vectors
/// give the same bits. Relative error below 9e-8 for |x| <= kGateExpLimit; 0 below, and above it e^x of the
/// limit, so that 1 / (1 + e^x) is never subnormal.
inline constexpr float kGateExpLimit = 87.3F;
inline constexpr float kLog2E = 1.44269504F;
inline constexpr float kRoundToInteger = 12582912.0F;  ///< 1.5 x 2^23: added and subtracted, it rounds
inline constexpr float kLn2High = 0.693359375F;        ///< 10 bits: its product with k is exact
inline constexpr float kLn2Low = -2.12194440e-4F;
inline constexpr float kExp7 = 1.9875691500e-4F;
inline constexpr float kExp6 = 1.3981999507e-3F;
inline constexpr float kExp5 = 8.3334519073e-3F;
inline constexpr float kExp4 = 4.1665795894e-2F;
inline constexpr float kExp3 = 1.6666665459e-1F;
inline constexpr float kExp2 = 5.0000001201e-1F;

/// One number at a time; x is no NaN.
inline float gate_exp(float x) {
  if (x < -kGateExpLimit) return 0.0F;
  if (x > kGateExpLimit) x = kGateExpLimit;
  const float shifted = x * kLog2E + kRoundToInteger;
  const float k = shifted - kRoundToInteger;
  const float r = (x - k * kLn2High) - k * kLn2Low;
  const float series = ((((kExp7 * r + kExp6) * r + kExp5) * r + kExp4) * r + kExp3) * r + kExp2;
  const float mantissa = (series * (r * r) + r) + 1.0F;
  // The last bits of `shifted` hold k; moved to the exponent they multiply by 2^k.
  const std::uint32_t exponent = std::bit_cast<std::uint32_t>(shifted) << 23;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(mantissa) + exponent);
}

}  // namespace moesim
