#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "base/math.hpp"
#include "base/memo.hpp"

namespace moesim {
namespace {

constexpr double kInvSqrtTwoPi = 0.39894228040143267794;

double density(double x) {
  return kInvSqrtTwoPi * exp_det(-0.5 * x * x);
}

/// P(X > x) for x >= 0.
double upper_tail(double x) {
  if (x > 38.6) return 0;
  if (x < 3) {  // 1/2 - density * (x + x^3/3 + x^5/15 + ...): the series of Marsaglia 2004, positive terms
    double term = x;
    double sum = x;
    for (int n = 3; n < 120; n += 2) {
      term *= x * x / n;
      sum += term;
    }
    return 0.5 - density(x) * sum;
  }
  double fraction = x;  // density / (x + 1/(x + 2/(x + 3/...))), Laplace; 160 levels settle it for x >= 3
  for (int n = 160; n >= 1; --n) fraction = x + n / fraction;
  return density(x) / fraction;
}

template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
  double value = 0;
  for (std::size_t i = N; i-- > 0;) value = value * x + coefficients[i];
  return value;
}

// Coefficients of AS 241, PPND16.
constexpr std::array<double, 8> kA = {
    3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
    4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr std::array<double, 8> kB = {1.0,
                                      4.2313330701600911252e+1,
                                      6.8718700749205790830e+2,
                                      5.3941960214247511077e+3,
                                      2.1213794301586595867e+4,
                                      3.9307895800092710610e+4,
                                      2.8729085735721942674e+4,
                                      5.2264952788528545610e+3};
constexpr std::array<double, 8> kC = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                      5.76949722146069140550e0,  3.64784832476320460504e0,
                                      1.27045825245236838258e0,  2.41780725177450611770e-1,
                                      2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array<double, 8> kD = {1.0,
                                      2.05319162663775882187e0,
                                      1.67638483018380384940e0,
                                      6.89767334985100004550e-1,
                                      1.48103976427480074590e-1,
                                      1.51986665636164571966e-2,
                                      5.47593808499534494600e-4,
                                      1.05075007164441684324e-9};
constexpr std::array<double, 8> kE = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                      1.78482653991729133580e0,  2.96560571828504891230e-1,
                                      2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                      2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array<double, 8> kF = {1.0,
                                      5.99832206555887937690e-1,
                                      1.36929880922735805310e-1,
                                      1.48753612908506148525e-2,
                                      7.86869131145613259100e-4,
                                      1.84631831751005468180e-5,
                                      1.42151175831644588870e-7,
                                      2.04426310338993978564e-15};

/// Integration grid: trapezoids of width 1/32 over [-14, 14], exact to rounding for a smooth bell.
struct Grid {
  static constexpr int kHalf = 448;
  static constexpr double kStep = 1.0 / 32;
  std::array<double, 2 * kHalf + 1> weight;     // step * x * density(x)
  std::array<double, 2 * kHalf + 1> log_below;  // ln P(X <= x)

  Grid() {
    for (int i = -kHalf; i <= kHalf; ++i) {
      const double x = i * kStep;
      const auto at = static_cast<std::size_t>(i + kHalf);
      weight[at] = kStep * x * density(x);
      const double tail = upper_tail(std::abs(x));
      log_below[at] = x < 0 ? log_det(tail) : log_of_complement(tail);
    }
  }
  /// ln(1 - tail), by its series where 1 - tail would lose digits.
  static double log_of_complement(double tail) {
    if (tail > 1e-4) return log_det(1 - tail);
    return -tail * (1 + tail * (0.5 + tail * (1.0 / 3 + tail * 0.25)));
  }
  /// E of the r-th smallest of n, with ln(n! / ((r-1)! (n-r)!)) given.
  [[nodiscard]] double expectation(std::int64_t n, std::int64_t r, double log_factor) const {
    double sum = 0;
    const auto below = static_cast<double>(r - 1);
    const auto above = static_cast<double>(n - r);
    for (std::size_t i = 0; i < weight.size(); ++i) {
      sum +=
          weight[i] * exp_det(log_factor + below * log_below[i] + above * log_below[weight.size() - 1 - i]);
    }
    return sum;
  }
};

void require_positive(std::int64_t n) {
  if (n < 1) throw std::invalid_argument("order statistics of fewer than one normal");
}

}  // namespace

double normal_cdf(double x) {
  if (x != x) return x;
  return x < 0 ? upper_tail(-x) : 1 - upper_tail(x);
}

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0) return -std::numeric_limits<double>::infinity();
  if (p == 1) return std::numeric_limits<double>::infinity();
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kA, r) / polynomial(kB, r);
  }
  const double r = std::sqrt(-log_det(q < 0 ? p : 1 - p));
  const double x = r <= 5 ? polynomial(kC, r - 1.6) / polynomial(kD, r - 1.6)
                          : polynomial(kE, r - 5) / polynomial(kF, r - 5);
  return q < 0 ? -x : x;
}

double expected_max_of_normals(std::int64_t n) {
  require_positive(n);
  if (n == 1) return 0;
  constexpr std::size_t kKept = 4096;
  static Memo<std::int64_t, double> memo(kKept);
  return memo.of(n, [n] { return Grid().expectation(n, n, log_det(static_cast<double>(n))); });
}

std::vector<double> expected_order_statistics(std::int64_t n) {
  require_positive(n);
  const Grid grid;
  std::vector<double> expected(static_cast<std::size_t>(n), 0.0);
  double log_factor =
      log_det(static_cast<double>(n));  // of r = n; that of r - 1 is (r - 1) / (n - r + 1) times it
  for (std::int64_t r = n; 2 * r > n + 1; --r) {
    const double value = grid.expectation(n, r, log_factor);
    expected[static_cast<std::size_t>(r - 1)] = value;
    expected[static_cast<std::size_t>(n - r)] = -value;
    log_factor += log_det(static_cast<double>(r - 1) / static_cast<double>(n - r + 1));
  }
  return expected;
}

}  // namespace moesim
