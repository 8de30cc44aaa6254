#pragma once

#include <cstdint>

#include "base/random.hpp"
#include "workloads/requests/workload_spec.hpp"

namespace moesim {

/// A length with this mean and spread, rounded and cut to the spread's ends.
std::int64_t draw_length(double mean, const LengthSpread& spread, RandomStream& random);

/// Gamma with mean 1 and coefficient of variation `cv` above 0 (Marsaglia and Tsang 2000).
double draw_gamma(double cv, RandomStream& random);

}  // namespace moesim
