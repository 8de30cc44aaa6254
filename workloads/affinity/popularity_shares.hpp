#pragma once

#include <cstdint>
#include <vector>

#include "workloads/affinity/affinity_spec.hpp"

namespace moesim {

/// The shares of the choices that the experts of a layer get, [num_experts], sum 1; empty for the laws that
/// state none. power_law draws each share by the inverse of its distribution, as sample_power_law of NVIDIA
/// aiconfigurator does.
std::vector<double> popularity_shares(const Popularity& popularity, int num_experts, std::uint64_t seed,
                                      int layer);

}  // namespace moesim
