#include "sim/network/group_collective.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <stdexcept>

namespace moesim {
namespace {

/// The ring of one rail: nodes in turn, on each the GPUs that end at the one that leaves over its NIC.
std::vector<int> ring_of_rail(int rail, int num_gpus, int gpus_per_node) {
  std::vector<int> order;
  for (int node = 0; node * gpus_per_node < num_gpus; ++node) {
    for (int i = 1; i <= gpus_per_node; ++i)
      order.push_back(node * gpus_per_node + (rail + i) % gpus_per_node);
  }
  return order;
}

/// Ports of a GPU: out and in of its NIC, out and in of its NVLink.
constexpr int kPorts = 4;
std::size_t out_port(const Flow& flow) {
  return static_cast<std::size_t>(flow.source * kPorts + (flow.over_nic ? 0 : 2));
}
std::size_t in_port(const Flow& flow) {
  return static_cast<std::size_t>(flow.destination * kPorts + (flow.over_nic ? 1 : 3));
}

/// Max-min rates of the flows in `open`.
std::vector<double> max_min(const std::vector<Flow>& flows, const std::vector<std::size_t>& open,
                            int num_gpus, const PortSpeeds& ports) {
  const auto num_ports = static_cast<std::size_t>(num_gpus * kPorts);
  std::vector<double> left(num_ports);
  for (std::size_t p = 0; p < num_ports; ++p)
    left[p] = p % kPorts < 2 ? ports.nic.value() : ports.nvlink.value();
  std::vector<double> rates(flows.size(), 0.0);
  std::vector<std::size_t> unset = open;
  while (!unset.empty()) {
    std::vector<int> users(num_ports, 0);
    for (const std::size_t f : unset) ++users[out_port(flows[f])], ++users[in_port(flows[f])];
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t p = 0; p < num_ports; ++p) {
      if (users[p] > 0) least = std::min(least, left[p] / users[p]);
    }
    const auto is_full = [&](std::size_t p) { return left[p] / users[p] <= least * (1 + 1e-12); };
    std::vector<std::size_t> rest, fixed;
    for (const std::size_t f : unset) {
      (is_full(out_port(flows[f])) || is_full(in_port(flows[f])) ? fixed : rest).push_back(f);
    }
    for (const std::size_t f : fixed) {
      rates[f] = least;
      left[out_port(flows[f])] -= least;
      left[in_port(flows[f])] -= least;
    }
    unset = std::move(rest);
  }
  return rates;
}

}  // namespace

CollectiveCost group_collective_cost(GroupCollective kind, Bytes bytes, const ReplicaGroup& group,
                                     Seconds latency) {
  const double times = kind == GroupCollective::all_reduce ? 2 : 1;
  return ring_cost(bytes * times, group, latency * times);
}

std::vector<Flow> ring_flows(Bytes bytes, int num_gpus, int gpus_per_node) {
  if (num_gpus % gpus_per_node != 0) throw std::invalid_argument("a ring over nodes that are not full");
  std::vector<Flow> flows;
  const Bytes part = bytes / (static_cast<double>(num_gpus) * gpus_per_node);
  for (int rail = 0; rail < gpus_per_node; ++rail) {
    const std::vector<int> order = ring_of_rail(rail, num_gpus, gpus_per_node);
    const auto first = static_cast<std::int32_t>(flows.size());
    for (int round = 0; round + 1 < num_gpus; ++round) {
      for (int i = 0; i < num_gpus; ++i) {
        const int from = order[static_cast<std::size_t>(i)];
        const int to = order[static_cast<std::size_t>((i + 1) % num_gpus)];
        const int arrived = first + (round - 1) * num_gpus + (i + num_gpus - 1) % num_gpus;
        flows.push_back({from, to, from / gpus_per_node != to / gpus_per_node, part, Seconds(0),
                         round == 0 ? -1 : arrived});
      }
    }
  }
  return flows;
}

Seconds flows_time(const std::vector<Flow>& flows, int num_gpus, const PortSpeeds& ports) {
  std::vector<double> left(flows.size());
  std::vector<bool> done(flows.size(), false);
  for (std::size_t f = 0; f < flows.size(); ++f) left[f] = flows[f].bytes.value();
  double now = 0;
  while (true) {
    std::vector<std::size_t> open;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      const std::int32_t before = flows[f].depends_on;
      if (!done[f] && (before < 0 || done[static_cast<std::size_t>(before)])) open.push_back(f);
    }
    if (open.empty()) return Seconds(now);
    const std::vector<double> rates = max_min(flows, open, num_gpus, ports);
    double step = std::numeric_limits<double>::infinity();
    for (const std::size_t f : open) step = std::min(step, left[f] / rates[f]);
    now += step;
    for (const std::size_t f : open) {
      left[f] -= rates[f] * step;
      if (left[f] <= 1e-9 * flows[f].bytes.value()) done[f] = true;
    }
  }
}

}  // namespace moesim
