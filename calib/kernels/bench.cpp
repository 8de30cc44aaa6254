#include "calib/kernels/bench.hpp"

#include <cmath>
#include <limits>

#include "base/error.hpp"

namespace moesim {

double relative_difference(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) throw RunError("relative_difference: arrays of different sizes");
  double product = 0;
  double squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) return std::numeric_limits<double>::quiet_NaN();
    product += x[i] * y[i];
    squares += x[i] * x[i] + y[i] * y[i];
  }
  return squares == 0 ? 0 : 1 - 2 * product / squares;
}

double worse(double a, double b) {
  return std::isnan(a) || a > b ? a : b;
}

double worst_difference(const std::vector<std::vector<double>>& x,
                        const std::vector<std::vector<double>>& y) {
  if (x.size() != y.size()) throw RunError("worst_difference: different numbers of parts");
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) worst = worse(worst, relative_difference(x[i], y[i]));
  return worst;
}

Bench::~Bench() = default;

}  // namespace moesim
