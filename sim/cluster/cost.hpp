#pragma once

#include <optional>

#include "sim/cluster/cluster_spec.hpp"
#include "sim/cluster/price_spec.hpp"

namespace moesim {

/// The cluster's price; nothing where gpu_price alone is known.
std::optional<PriceSpec> price_of(const ClusterSpec& cluster);

/// What `gpu_s` seconds of one GPU of the cluster cost that draws `energy_J` of facility energy (with its
/// part of node and network, PUE included), $. Without a price the cluster's gpu_price alone.
CostParts cost_of(const ClusterSpec& cluster, double gpu_s, double energy_J);

/// Dollars a second of one GPU that is kept ready and draws its peak.
double price_at_peak(const ClusterSpec& cluster);

/// Facility power of one GPU at its peak with its part of node and network.
Watts peak_facility_power(const ClusterSpec& cluster);

}  // namespace moesim
