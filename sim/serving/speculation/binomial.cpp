#include "sim/serving/speculation/binomial.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {
namespace {

constexpr double kExactMean = 48;

/// Adds up P(X = i) from 0 on until the uniform number is passed. p < 1.
std::int64_t draw_by_inversion(std::int64_t trials, double p, RandomStream& stream) {
  const auto n = static_cast<double>(trials);
  const double odds = p / (1 - p);
  double left = stream.uniform();
  double chance = exp_det(n * log_det(1 - p));
  std::int64_t successes = 0;
  while (left >= chance && successes < trials) {
    left -= chance;
    ++successes;
    const auto i = static_cast<double>(successes);
    chance *= odds * (n - i + 1) / i;
    if (chance < 1e-300 && i > n * p) break;  // what rounding left over
  }
  return successes;
}

}  // namespace

std::int64_t draw_binomial(std::int64_t trials, double p, RandomStream& stream) {
  if (trials <= 0 || p <= 0) return 0;
  if (p >= 1) return trials;
  if (p > 0.5) return trials - draw_binomial(trials, 1 - p, stream);
  const double mean = static_cast<double>(trials) * p;
  if (mean < kExactMean) return draw_by_inversion(trials, p, stream);
  const double drawn = mean + std::sqrt(mean * (1 - p)) * stream.normal();
  return std::clamp<std::int64_t>(std::llround(drawn), 0, trials);
}

}  // namespace moesim
