#pragma once

#include "base/json.hpp"
#include "sim/cluster/cluster_spec.hpp"

namespace moesim {

/// What a plan shows of the network of a cluster: `kind`, `gpus`, `nodes`, `switches`, `switch_cables`
/// (between switches).
Json topology_json(const ClusterSpec& cluster);

}  // namespace moesim
