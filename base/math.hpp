#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace moesim {

// exp_det, log_det and what stands on them use only IEEE +, -, *, /, sqrt and bit moves in one fixed order,
// so they give the same bits on every x86-64 (the C library chooses variants by processor), scalar or
// vectorised.

/// e^x within 2 ulp (normal results). Overflow is +inf, underflow gradual, NaN stays.
double exp_det(double x);

/// Natural logarithm within 2 ulp. log_det(0) = -inf, NaN below 0.
double log_det(double x);

/// P(X <= x) of a standard normal; relative error below 1e-13 in the lower tail down to x = -37.
double normal_cdf(double x);

/// The x with P(X <= x) = p of a standard normal; p in (0, 1), -inf at 0, +inf at 1, NaN outside.
/// Algorithm AS 241 (PPND16), Wichura 1988, Applied Statistics 37(3): relative error about 1e-16.
double normal_quantile(double p);

/// The expected greatest of n independent standard normals; n >= 1. 0 for 1, 1/sqrt(pi) for 2.
/// Throws std::invalid_argument for n < 1.
double expected_max_of_normals(std::int64_t n);

/// The expected order statistics of n independent standard normals, ascending, [n]; exactly antisymmetric.
/// Cost about 900 n operations. Throws std::invalid_argument for n < 1.
std::vector<double> expected_order_statistics(std::int64_t n);

/// Sum in an order that depends on the length alone (pairwise over blocks of 128); its error grows with log
/// n. 0 when empty.
double sum_fixed_order(std::span<const double> values);

/// Mean by sum_fixed_order. Throws std::invalid_argument when empty.
double mean(std::span<const double> values);

/// The value at position percent / 100 * (n - 1) of the sorted values, linear between neighbours (R type 7,
/// as NumPy). `percent` in [0, 100]. Throws std::invalid_argument when empty or out of range.
double percentile(std::span<const double> values, double percent);

/// percentile(values, 50): the middle value, or the mean of the middle two.
double median(std::span<const double> values);

}  // namespace moesim
