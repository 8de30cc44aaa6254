#pragma once

#include <cstdint>

#include "base/random.hpp"

namespace moesim {

/// How many of `trials` succeed, each with chance `p` in [0, 1]. Exact by inversion where fewer than 48
/// successes or failures are expected, else a rounded normal of the same mean and variance, which is within
/// 0.2 % of the variance.
std::int64_t draw_binomial(std::int64_t trials, double p, RandomStream& stream);

}  // namespace moesim
