#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/ids.hpp"
#include "base/quantity.hpp"
#include "sim/cluster/cluster_spec.hpp"

namespace moesim {

enum class LinkKind {
  nvlink_out,  ///< GPU to NVSwitch
  nvlink_in,   ///< NVSwitch to GPU
  nic_out,     ///< GPU to leaf
  nic_in,      ///< leaf to GPU
  leaf_up,     ///< leaf to spine
  leaf_down,   ///< spine to leaf
};

/// One direction of a connection; parallel cables between two switches count as one link.
struct Link {
  LinkKind kind{};
  int num_cables = 1;
  BytesPerSecond bandwidth{};  ///< usable, of all cables
};

/// All routes of one class have one latency, so that flows that share links also share them evenly.
enum class LatencyClass {
  none,     ///< a GPU to itself
  node,     ///< NVLink only
  network,  ///< through a NIC, with or without an NVLink hop, across leaves or not
};

/// What a message crosses, in order.
struct Route {
  std::vector<LinkId> links;
  LatencyClass latency_class = LatencyClass::none;
  Seconds latency{};
};

/// The links of a cluster. GPU g is number g % gpus_per_node of node g / gpus_per_node; its number is its
/// rail. Each leaf joins radix/2 nodes of one rail and has radix/2 cables to the spines of its tree (full
/// bisection); a tree of one leaf has no spine.
class Topology {
 public:
  explicit Topology(const ClusterSpec& cluster);
  Topology(Topology&&) noexcept;
  Topology& operator=(Topology&&) noexcept;
  ~Topology();

  [[nodiscard]] int num_gpus() const;
  [[nodiscard]] int num_nodes() const;
  /// Leaves and spines; NVSwitches are not counted.
  [[nodiscard]] int num_switches() const;
  /// Cables between switches, as published network costs count them.
  [[nodiscard]] int num_switch_cables() const;
  [[nodiscard]] std::size_t num_links() const;
  [[nodiscard]] const Link& link(LinkId id) const;

  [[nodiscard]] NodeId node_of(GpuId gpu) const;
  [[nodiscard]] int rail_of(GpuId gpu) const;
  /// The leaf of the GPU's NIC, numbered over all trees.
  [[nodiscard]] SwitchId leaf_of(GpuId gpu) const;
  /// The GPU of `node` on `rail`.
  [[nodiscard]] GpuId gpu_at(NodeId node, int rail) const;

  /// Same node: NVLink. Same rail: NIC, leaf, and a spine where leaves differ (chosen by destination). Other
  /// rail: NVLink to the neighbour on the destination's rail, then that rail.
  [[nodiscard]] Route route(GpuId source, GpuId destination) const;
  /// Links of a shortest path by breadth-first search over the graph, whatever the routing rule; 0 to itself.
  [[nodiscard]] int shortest_hops(GpuId source, GpuId destination) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace moesim
