#include "sim/network/data_parallel.hpp"

namespace moesim {

CollectiveCost ring_cost(Bytes bytes, const ReplicaGroup& group, Seconds latency) {
  CollectiveCost cost;
  if (group.size <= 1) return cost;
  const Bytes moved = bytes * (1 - 1.0 / group.size);
  cost.latency = latency;
  if (group.size > group.members_per_node) cost.nic = moved / group.members_per_node;
  if (group.members_per_node > 1) cost.nvlink = moved;
  return cost;
}

CollectiveCost send_cost(Bytes bytes, Seconds latency) {
  CollectiveCost cost;
  cost.latency = latency;
  cost.nic = bytes;
  return cost;
}

}  // namespace moesim
