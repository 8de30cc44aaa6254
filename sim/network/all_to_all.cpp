#include "sim/network/all_to_all.hpp"

#include <algorithm>
#include <stdexcept>

namespace moesim {

Seconds time_alone(const CollectiveCost& cost, const PortSpeeds& ports) {
  return cost.latency + std::max(cost.nic / ports.nic, cost.nvlink / ports.nvlink) + cost.tail / ports.nvlink;
}

CollectiveCost all_to_all_cost(const AllToAllDemand& demand) {
  const RoutedLoad& load = demand.load;
  const double remote_nodes = load.nodes_per_token * (1 - 1.0 / demand.num_nodes);
  const double remote_ranks = load.ranks_per_token * (1 - 1.0 / demand.num_ranks);
  const Bytes nvlink = demand.bytes_per_copy * (demand.tokens * remote_ranks * load.rank_max_over_mean);
  CollectiveCost cost;
  cost.latency = demand.latency;
  cost.nic = demand.bytes_per_copy * (demand.tokens * remote_nodes * load.node_max_over_mean);
  cost.tail = demand.num_nodes > 1 ? nvlink / demand.chunks : Bytes(0);
  cost.nvlink = nvlink - cost.tail;
  return cost;
}

CollectiveCost flat_all_to_all_cost(const FlatAllToAllDemand& demand) {
  const Bytes sent = demand.bytes_per_row * demand.rows;
  const double num_ranks = demand.num_ranks, here = demand.members_per_node;
  CollectiveCost cost;
  cost.latency = demand.latency;
  cost.nic = sent * ((1 - here / num_ranks) * demand.nic_max_over_mean);
  cost.nvlink = sent * ((here - 1) / num_ranks);
  return cost;
}

CollectiveCost calibrated(const CollectiveCost& cost, const PortSpeeds& ports, Seconds measured) {
  const Seconds occupied = measured - cost.latency - cost.tail / ports.nvlink;
  if (occupied.value() <= 0) throw std::invalid_argument("a measured all-to-all is shorter than its latency");
  CollectiveCost scaled = cost;
  if (cost.nic.value() == 0) {
    scaled.nvlink = ports.nvlink * occupied;
    return scaled;
  }
  scaled.nic = ports.nic * occupied;
  scaled.nvlink = std::min(cost.nvlink, ports.nvlink * occupied);
  return scaled;
}

namespace {

double copies_between(const DispatchTraffic& traffic, int source, int destination) {
  return traffic.copies[static_cast<std::size_t>(source * traffic.num_gpus + destination)];
}

double copies_to_node(const DispatchTraffic& traffic, int source, int node) {
  const int num_nodes = traffic.num_gpus / traffic.gpus_per_node;
  return traffic.node_copies[static_cast<std::size_t>(source * num_nodes + node)];
}

/// Adds the chunks of one (source, node) message: over the NIC, each followed by what is forwarded of it.
void add_message(const DispatchTraffic& traffic, int chunks, int source, int node, std::vector<Flow>& flows) {
  const int per_node = traffic.gpus_per_node;
  const bool remote = source / per_node != node;
  const int gateway = node * per_node + source % per_node;
  for (int c = 0; c < chunks; ++c) {
    std::int32_t arrived = -1;
    if (remote && copies_to_node(traffic, source, node) > 0) {
      arrived = static_cast<std::int32_t>(flows.size());
      const Bytes bytes = traffic.bytes_per_copy * (copies_to_node(traffic, source, node) / chunks);
      flows.push_back({source, gateway, true, bytes, Seconds(0), -1});
    }
    for (int local = 0; local < per_node; ++local) {
      const int destination = node * per_node + local;
      const double copies = copies_between(traffic, source, destination) / chunks;
      if (destination == gateway || copies <= 0) continue;
      flows.push_back({gateway, destination, false, traffic.bytes_per_copy * copies, Seconds(0), arrived});
    }
  }
}

}  // namespace

std::vector<Flow> dispatch_flows(const DispatchTraffic& traffic, int chunks) {
  std::vector<Flow> flows;
  const int num_nodes = traffic.num_gpus / traffic.gpus_per_node;
  for (int source = 0; source < traffic.num_gpus; ++source) {
    for (int node = 0; node < num_nodes; ++node) add_message(traffic, chunks, source, node, flows);
  }
  return flows;
}

Seconds dispatch_formula(const DispatchTraffic& traffic, int chunks, const PortSpeeds& ports,
                         Seconds latency) {
  const auto num_gpus = static_cast<std::size_t>(traffic.num_gpus);
  std::vector<double> nic_out(num_gpus), nic_in(num_gpus), nvlink_out(num_gpus), nvlink_in(num_gpus);
  for (const Flow& flow : dispatch_flows(traffic, 1)) {
    const auto s = static_cast<std::size_t>(flow.source);
    const auto d = static_cast<std::size_t>(flow.destination);
    (flow.over_nic ? nic_out : nvlink_out)[s] += flow.bytes.value();
    (flow.over_nic ? nic_in : nvlink_in)[d] += flow.bytes.value();
  }
  const auto largest = [](const std::vector<double>& a, const std::vector<double>& b) {
    return Bytes(std::max(*std::max_element(a.begin(), a.end()), *std::max_element(b.begin(), b.end())));
  };
  const Seconds nic = largest(nic_out, nic_in) / ports.nic;
  const Seconds nvlink = largest(nvlink_out, nvlink_in) / ports.nvlink;
  return latency + (nic.value() > 0 ? std::max(nic + nvlink / chunks, nvlink) : nvlink);
}

}  // namespace moesim
