#pragma once

#include <cstdint>

namespace moesim {

/// Factor on the computation of operation `position` on GPU `gpu`: lognormal, mean 1. exp(sigma z -
/// sigma^2/2) with z = normal_at(seed, gpu, position).
double jitter_factor(double sigma, std::uint64_t seed, std::uint64_t gpu, std::uint64_t position);

}  // namespace moesim
