#pragma once

#include <cstdint>
#include <vector>

#include "base/quantity.hpp"
#include "sim/network/collective_cost.hpp"
#include "sim/routing/router.hpp"

namespace moesim {

/// A node-limited dispatch (or its mirror image, the combine): every GPU sends each token once to each
/// destination node, over its own NIC to the GPU of the same index there, which forwards it over NVLink to
/// the GPUs that hold the chosen experts.
struct AllToAllDemand {
  double tokens = 0;     ///< per GPU
  Bytes bytes_per_copy;  ///< payload and scales of one token
  int num_nodes = 1;     ///< that the expert group spans
  int num_ranks = 1;     ///< of the expert group
  int chunks = 8;        ///< a (source, node) message is pipelined in so many parts
  Seconds latency;
  RoutedLoad load;
};

/// Bytes on the ports of the busiest GPU.
/// NIC: tokens x nodes per token x (1 - 1/nodes) x node max/mean.
/// NVLink: tokens x ranks per token x (1 - 1/ranks) x rank max/mean, of which one chunk remains behind the
/// NIC, so that the time alone is latency + max(NIC + NVLink / chunks, NVLink), within 0.4 to 1.4 % of
/// max-min sharing of every flow at 8 chunks. A group inside one node uses no NIC.
CollectiveCost all_to_all_cost(const AllToAllDemand& demand);

/// An all-to-all that sends every row straight to its rank, as NCCL's point-to-point calls do: a token goes
/// to as many ranks as it has choices, several times to the same one where they fall together.
struct FlatAllToAllDemand {
  double rows = 0;  ///< that a GPU sends, those to itself included
  Bytes bytes_per_row;
  int num_ranks = 1;
  int members_per_node = 1;
  Seconds latency;
  double nic_max_over_mean = 1;
};

/// Bytes on the ports of a GPU with the mean load: rows x (1 - members of its node / ranks) through the NIC,
/// rows x (members of its node - 1) / ranks over NVLink.
CollectiveCost flat_all_to_all_cost(const FlatAllToAllDemand& demand);

/// An all-to-all whose time alone is a measured one: bytes are scaled so that the NIC, or NVLink where no NIC
/// is used, is occupied for just that long. Throws std::invalid_argument where `measured` is shorter than the
/// latency and the last chunk.
CollectiveCost calibrated(const CollectiveCost& cost, const PortSpeeds& ports, Seconds measured);

/// One flow of the all-to-all as links see it. GPUs are numbered node-major inside the group.
struct Flow {
  std::int32_t source = 0;
  std::int32_t destination = 0;
  bool over_nic = false;  ///< source's NIC to destination's NIC, else NVLink ports
  Bytes bytes;
  Seconds latency;
  std::int32_t depends_on = -1;  ///< index of the flow that has to end first, -1 for none
};

/// Every flow of a dispatch whose token copies are given per (source GPU, destination GPU):
/// copies[source x num_gpus + destination]. A copy to another node first crosses the NIC to the GPU of the
/// source's index there; node_copies[source x num_nodes + node] counts those crossings.
/// Chunk c of a (source, node) message is forwarded once it has arrived.
struct DispatchTraffic {
  int num_gpus = 1;
  int gpus_per_node = 8;
  std::vector<double> copies;
  std::vector<double> node_copies;
  Bytes bytes_per_copy;
};
std::vector<Flow> dispatch_flows(const DispatchTraffic& traffic, int chunks);

/// The formula for the same traffic: latency + max over ports, NIC then forwarded chunk.
Seconds dispatch_formula(const DispatchTraffic& traffic, int chunks, const PortSpeeds& ports,
                         Seconds latency);

}  // namespace moesim
