#pragma once

#include "base/quantity.hpp"
#include "sim/network/collective_cost.hpp"

namespace moesim {

/// A group of equal data-parallel replicas of some parameters.
struct ReplicaGroup {
  int size = 1;              ///< replicas
  int members_per_node = 1;  ///< of the group on one node, at least 1
};

/// Ring reduce-scatter (or all-gather) of `bytes` held by each member.
/// Every member moves bytes x (n - 1) / n; a NIC carries 1 / members_per_node of that, because the members on
/// a node share what crosses it, and NVLink carries the whole where more than one member is on a node. Either
/// port bounds it, so a flat ring over one NIC is wrong wherever several members share a node.
CollectiveCost ring_cost(Bytes bytes, const ReplicaGroup& group, Seconds latency);

/// Point-to-point transfer between two GPUs on different nodes.
CollectiveCost send_cost(Bytes bytes, Seconds latency);

}  // namespace moesim
