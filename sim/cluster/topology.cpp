#include "sim/cluster/topology.hpp"

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <cstdint>
#include <utility>

namespace moesim {
namespace {

struct EdgeLink {
  LinkId id;
};
using Csr = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, EdgeLink,
                                               boost::no_property, std::uint32_t, std::uint32_t>;
using Vertex = std::uint32_t;

/// Sizes of the trees that join the NICs.
struct Trees {
  int count;            ///< trees
  int leaves_per_rail;  ///< leaves of one rail
  int leaves;           ///< of one tree
  int spines;           ///< of one tree
  int half;             ///< ports of a leaf in one direction

  Trees(const NetworkSpec& network, int rails, int nodes)
      : count(network.kind == NetworkKind::multi_plane_ft2 ? rails : 1),
        leaves_per_rail((nodes + network.switch_radix / 2 - 1) / (network.switch_radix / 2)),
        leaves(leaves_per_rail * rails / count),
        spines(leaves == 1
                   ? 0
                   : (leaves * (network.switch_radix / 2) + network.switch_radix - 1) / network.switch_radix),
        half(network.switch_radix / 2) {}

  /// The spine that cable `slot` of a leaf goes to. What does not divide is dealt round, leaf after leaf.
  [[nodiscard]] int spine_of(int leaf, int slot) const {
    const int even = half / spines * spines;
    return slot < even ? slot % spines : (leaf * (half - even) + slot - even) % spines;
  }
  [[nodiscard]] std::vector<int> cables_of(int leaf) const {
    std::vector<int> cables(static_cast<std::size_t>(spines));
    for (int slot = 0; slot < half && spines > 0; ++slot)
      ++cables[static_cast<std::size_t>(spine_of(leaf, slot))];
    return cables;
  }
};

}  // namespace

struct Topology::Graph {
  ClusterSpec cluster;
  Trees trees;
  std::vector<Link> links;
  std::vector<std::pair<Vertex, Vertex>> ends;
  Csr csr;

  explicit Graph(const ClusterSpec& spec)
      : cluster(spec), trees(spec.network, spec.gpus_per_node, spec.num_nodes) {
    add_gpus();
    for (int tree = 0; tree < trees.count; ++tree) add_tree(tree);
    std::vector<EdgeLink> ids(links.size());
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i].id = LinkId::of(i);
    csr = Csr(boost::edges_are_unsorted_multi_pass, ends.begin(), ends.end(), ids.begin(), num_vertices());
    ends = {};
  }

  // Vertices: GPUs, NVSwitches (one per node), leaves, spines.
  [[nodiscard]] Vertex gpu(int g) const { return static_cast<Vertex>(g); }
  [[nodiscard]] Vertex nvswitch(int node) const { return static_cast<Vertex>(cluster.num_gpus() + node); }
  [[nodiscard]] Vertex leaf(int index) const {
    return nvswitch(cluster.num_nodes) + static_cast<Vertex>(index);
  }
  [[nodiscard]] Vertex spine(int tree, int index) const {
    return leaf(trees.count * trees.leaves) + static_cast<Vertex>(tree * trees.spines + index);
  }
  [[nodiscard]] Vertex num_vertices() const { return spine(trees.count, 0); }
  /// Over all trees: a rail's leaves are neighbours, and so are a tree's rails.
  [[nodiscard]] int leaf_index(int node, int rail) const {
    return rail * trees.leaves_per_rail + node / trees.half;
  }

  void add_both(Vertex a, Vertex b, LinkKind there, LinkKind back, int cables, BytesPerSecond each) {
    links.push_back({there, cables, each * cables});
    ends.emplace_back(a, b);
    links.push_back({back, cables, each * cables});
    ends.emplace_back(b, a);
  }

  void add_gpus() {
    for (int g = 0; g < cluster.num_gpus(); ++g) {
      const int node = g / cluster.gpus_per_node;
      const int rail = g % cluster.gpus_per_node;
      add_both(gpu(g), nvswitch(node), LinkKind::nvlink_out, LinkKind::nvlink_in, 1,
               cluster.nvlink.bandwidth);
      add_both(gpu(g), leaf(leaf_index(node, rail)), LinkKind::nic_out, LinkKind::nic_in, 1,
               cluster.nic.usable());
    }
  }

  void add_tree(int tree) {
    for (int l = 0; l < trees.leaves; ++l) {
      const auto cables = trees.cables_of(l);
      for (int s = 0; s < trees.spines; ++s) {
        add_both(leaf(tree * trees.leaves + l), spine(tree, s), LinkKind::leaf_up, LinkKind::leaf_down,
                 cables[static_cast<std::size_t>(s)], cluster.nic.usable());
      }
    }
  }

  /// Appends the links of a walk over neighbouring vertices.
  void append(Route& route, std::initializer_list<Vertex> walk) const {
    for (auto at = walk.begin(); at + 1 != walk.end(); ++at) {
      route.links.push_back(csr[boost::edge(*at, *(at + 1), csr).first].id);
    }
  }

  /// From a GPU to another of the same rail.
  void append_rail(Route& route, int source, int destination) const {
    const int rail = source % cluster.gpus_per_node;
    const int node = destination / cluster.gpus_per_node;
    const int up = leaf_index(source / cluster.gpus_per_node, rail);
    const int down = leaf_index(node, rail);
    if (up == down) return append(route, {gpu(source), leaf(up), gpu(destination)});
    const int tree = up / trees.leaves;
    const int via = trees.spine_of(up % trees.leaves, node % trees.half);
    append(route, {gpu(source), leaf(up), spine(tree, via), leaf(down), gpu(destination)});
  }
};

Topology::Topology(const ClusterSpec& cluster) : graph_(std::make_unique<Graph>(cluster)) {}
Topology::Topology(Topology&&) noexcept = default;
Topology& Topology::operator=(Topology&&) noexcept = default;
Topology::~Topology() = default;

int Topology::num_gpus() const {
  return graph_->cluster.num_gpus();
}
int Topology::num_nodes() const {
  return graph_->cluster.num_nodes;
}
int Topology::num_switches() const {
  return graph_->trees.count * (graph_->trees.leaves + graph_->trees.spines);
}

int Topology::num_switch_cables() const {
  int cables = 0;
  for (const Link& link : graph_->links) {
    if (link.kind == LinkKind::leaf_up) cables += link.num_cables;
  }
  return cables;
}

std::size_t Topology::num_links() const {
  return graph_->links.size();
}
const Link& Topology::link(LinkId id) const {
  return graph_->links.at(id.index());
}
NodeId Topology::node_of(GpuId gpu) const {
  return NodeId(gpu.value / graph_->cluster.gpus_per_node);
}
int Topology::rail_of(GpuId gpu) const {
  return gpu.value % graph_->cluster.gpus_per_node;
}
SwitchId Topology::leaf_of(GpuId gpu) const {
  return SwitchId(graph_->leaf_index(node_of(gpu).value, rail_of(gpu)));
}
GpuId Topology::gpu_at(NodeId node, int rail) const {
  return GpuId(node.value * graph_->cluster.gpus_per_node + rail);
}

Route Topology::route(GpuId source, GpuId destination) const {
  Route route;
  if (source == destination) return route;
  const NodeId node = node_of(source);
  const bool same_node = node == node_of(destination);
  route.latency_class = same_node ? LatencyClass::node : LatencyClass::network;
  route.latency = same_node ? graph_->cluster.nvlink.latency : graph_->cluster.nic.latency;
  const GpuId relay = same_node ? destination : gpu_at(node, rail_of(destination));
  if (relay != source) {
    graph_->append(route,
                   {graph_->gpu(source.value), graph_->nvswitch(node.value), graph_->gpu(relay.value)});
  }
  if (!same_node) graph_->append_rail(route, relay.value, destination.value);
  return route;
}

int Topology::shortest_hops(GpuId source, GpuId destination) const {
  std::vector<int> hops(graph_->num_vertices(), 0);
  const auto distances = boost::record_distances(hops.data(), boost::on_tree_edge());
  boost::breadth_first_search(graph_->csr, graph_->gpu(source.value),
                              boost::visitor(boost::make_bfs_visitor(distances)));
  return hops[static_cast<std::size_t>(destination.value)];
}

}  // namespace moesim
