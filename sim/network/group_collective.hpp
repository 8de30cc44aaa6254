#pragma once

#include <cstdint>
#include <vector>

#include "base/quantity.hpp"
#include "sim/network/all_to_all.hpp"
#include "sim/network/collective_cost.hpp"
#include "sim/network/data_parallel.hpp"

namespace moesim {

/// Collectives in which every member of a group has the same part.
enum class GroupCollective : std::uint8_t { all_gather, reduce_scatter, all_reduce };

/// A ring over the members: each moves bytes x (n - 1) / n, of an all-reduce twice that. `bytes` is the whole
/// buffer: what an all-gather leaves on each member, what a reduce-scatter takes from each. Ports as in
/// ring_cost.
CollectiveCost group_collective_cost(GroupCollective kind, Bytes bytes, const ReplicaGroup& group,
                                     Seconds latency);

/// The flows of a ring all-gather (or, backwards, reduce-scatter) among `num_gpus` GPUs of nodes of
/// `gpus_per_node`: in each of n - 1 rounds every GPU hands a part to the next, once it has got it. Between
/// nodes the ring of rail r leaves a node from its r-th GPU, so that every NIC of a node carries an equal
/// part.
std::vector<Flow> ring_flows(Bytes bytes, int num_gpus, int gpus_per_node);

/// The last end of flows on ports that are shared max-min, event by event: the oracle for formulas. Cost
/// num_flows^2 x ports; for tests and small groups.
Seconds flows_time(const std::vector<Flow>& flows, int num_gpus, const PortSpeeds& ports);

}  // namespace moesim
