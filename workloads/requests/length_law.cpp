#include "workloads/requests/length_law.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {
namespace {

/// Gamma with shape of at least 1 and scale 1.
double draw_wide_gamma(double shape, RandomStream& random) {
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = random.normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (log_det(random.uniform_open()) < 0.5 * x * x + d - d * v + d * log_det(v)) return d * v;
  }
}

double draw(double mean, const LengthSpread& spread, RandomStream& random) {
  const double cv = spread.cv;
  switch (spread.law) {
    case LengthLaw::constant:
      return mean;
    case LengthLaw::uniform:
      return mean * (1 + std::sqrt(3.0) * cv * (2 * random.uniform() - 1));
    case LengthLaw::exponential:
      return -mean * log_det(random.uniform_open());
    case LengthLaw::lognormal: {
      const double variance = log_det(1 + cv * cv);
      return mean * exp_det(std::sqrt(variance) * random.normal() - variance / 2);
    }
    case LengthLaw::gamma:
      return cv > 0 ? mean * draw_gamma(cv, random) : mean;
    case LengthLaw::pareto: {
      if (cv <= 0) return mean;
      const double alpha = 1 + std::sqrt(1 + 1 / (cv * cv));
      const double least = mean * (alpha - 1) / alpha;
      return least * exp_det(-log_det(random.uniform_open()) / alpha);
    }
  }
  return mean;
}

}  // namespace

double draw_gamma(double cv, RandomStream& random) {
  const double shape = 1 / (cv * cv);
  if (shape >= 1) return draw_wide_gamma(shape, random) / shape;
  const double wide = draw_wide_gamma(shape + 1, random);
  return wide * exp_det(log_det(random.uniform_open()) / shape) / shape;
}

std::int64_t draw_length(double mean, const LengthSpread& spread, RandomStream& random) {
  const double length = std::round(draw(mean, spread, random));
  return static_cast<std::int64_t>(
      std::clamp(length, static_cast<double>(spread.min), static_cast<double>(spread.max)));
}

}  // namespace moesim
