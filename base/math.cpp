#include "base/math.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>

namespace moesim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// ln 2 in two parts; the high one has 32 bits, so its product with an exponent is exact.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

/// 2^k for k in [-1022, 1023].
double power_of_two(std::int64_t k) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

double sum_pairwise(const double* values, std::size_t count) {
  constexpr std::size_t kBlock = 128;
  if (count <= kBlock) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += values[i];
    return sum;
  }
  const std::size_t half = (count / 2 + kBlock - 1) / kBlock * kBlock;
  return sum_pairwise(values, half) + sum_pairwise(values + half, count - half);
}

}  // namespace

// x = k ln 2 + r with |r| <= ln 2 / 2, then the Taylor series of e^r to r^13 (next term below 5e-18).
double exp_det(double x) {
  if (x != x) return x;
  if (x > 709.782712893384) return kInfinity;
  if (x < -745.1332191019412) return 0;
  constexpr double kRound = 0x1.8p52;  // adding and subtracting it rounds to the nearest integer
  const double k = (x * 0x1.71547652b82fep0 + kRound) - kRound;
  const double high = x - k * kLn2High;
  const double low = k * kLn2Low;
  const double r = high - low;
  const double lost = (high - r) - low;
  double p = 1.0 / 6227020800.0;
  for (double inverse : {1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0,
                         1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5}) {
    p = p * r + inverse;
  }
  const double result = 1.0 + (r + (r * r * p + lost));
  const auto exponent = static_cast<std::int64_t>(k);
  const std::int64_t half = exponent / 2;
  return result * power_of_two(half) * power_of_two(exponent - half);
}

// x = 2^k m with m in [sqrt(1/2), sqrt(2)); with f = m - 1 and s = f / (2 + f), ln m = 2 atanh(s)
// = f - f^2/2 + s (f^2/2 + R), R = 2 (s^2/3 + s^4/5 + ...) to s^20 (next term below 2e-18).
double log_det(double x) {
  if (!(x >= 0)) return kNan;
  if (x == 0) return -kInfinity;
  if (x == kInfinity) return x;
  std::int64_t k = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    k = -54;
  }
  auto bits = std::bit_cast<std::uint64_t>(x);
  k += static_cast<std::int64_t>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffU) | 0x3ff0000000000000U;
  if (bits > 0x3ff6a09e667f3bccU) {  // above sqrt(2)
    bits -= std::uint64_t{1} << 52;
    ++k;
  }
  const double f = std::bit_cast<double>(bits) - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  double series = 2.0 / 21.0;
  for (double odd : {19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0}) series = series * z + 2.0 / odd;
  const double r = series * z;
  const double half_square = 0.5 * f * f;
  const auto exponent = static_cast<double>(k);
  return exponent * kLn2High - ((half_square - (s * (half_square + r) + exponent * kLn2Low)) - f);
}

double sum_fixed_order(std::span<const double> values) {
  return sum_pairwise(values.data(), values.size());
}

double mean(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("mean of no values");
  return sum_fixed_order(values) / static_cast<double>(values.size());
}

double percentile(std::span<const double> values, double percent) {
  if (values.empty()) throw std::invalid_argument("percentile of no values");
  if (!(percent >= 0 && percent <= 100)) throw std::invalid_argument("percentile outside [0, 100]");
  std::vector<double> sorted(values.begin(), values.end());
  const double position = percent / 100 * static_cast<double>(sorted.size() - 1);
  const auto lower = std::min(static_cast<std::size_t>(position), sorted.size() - 1);
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(lower);
  std::nth_element(sorted.begin(), at, sorted.end());
  const double fraction = position - static_cast<double>(lower);
  if (fraction == 0) return *at;
  const double next = *std::min_element(std::next(at), sorted.end());
  return *at + fraction * (next - *at);
}

double median(std::span<const double> values) {
  return percentile(values, 50);
}

}  // namespace moesim
