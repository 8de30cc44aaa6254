#include "sim/cluster/topology.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

namespace moesim {
namespace {

using namespace literals;

ClusterSpec cluster(NetworkKind kind, int nodes, int radix = 64) {
  ClusterSpec spec;
  spec.num_nodes = nodes;
  spec.nvlink = {160_GBps, 3.33_us};
  spec.nic = {50_GBps, 0.95, 3.7_us};
  spec.network = {kind, radix};
  return spec;
}

std::vector<LinkKind> kinds(const Topology& topology, int from, int to) {
  std::vector<LinkKind> all;
  for (LinkId id : topology.route(GpuId(from), GpuId(to)).links) all.push_back(topology.link(id).kind);
  return all;
}

// Published: a two-layer fat tree of 64-port switches joins 2048 endpoints with 96 switches and 2048 cables
// (Insights into DeepSeek-V3, Table 3).
TEST(Topology, HasPublishedCostOfTwoLayerFatTree) {
  const Topology topology(cluster(NetworkKind::rail_optimised, 256));
  EXPECT_EQ(topology.num_gpus(), 2048);
  EXPECT_EQ(topology.num_switches(), 96);
  EXPECT_EQ(topology.num_switch_cables(), 2048);
}

// Published: eight planes join 16384 endpoints with 768 switches and 16384 cables (same table).
TEST(Topology, HasPublishedCostOfMultiPlaneFatTree) {
  const Topology topology(cluster(NetworkKind::multi_plane_ft2, 2048));
  EXPECT_EQ(topology.num_gpus(), 16384);
  EXPECT_EQ(topology.num_switches(), 768);
  EXPECT_EQ(topology.num_switch_cables(), 16384);
}

TEST(Topology, RoutesInsideANodeOverNvlinkAlone) {
  const Topology topology(cluster(NetworkKind::multi_plane_ft2, 64));
  EXPECT_EQ(kinds(topology, 0, 7), (std::vector{LinkKind::nvlink_out, LinkKind::nvlink_in}));
  EXPECT_EQ(topology.route(GpuId(0), GpuId(7)).latency, 3.33_us);
  EXPECT_TRUE(topology.route(GpuId(3), GpuId(3)).links.empty());
}

TEST(Topology, RoutesARailThroughItsLeafAndAcrossLeavesThroughASpine) {
  const Topology topology(cluster(NetworkKind::multi_plane_ft2, 64));
  // 32 nodes a leaf: nodes 0 and 31 share one, nodes 0 and 32 do not.
  EXPECT_EQ(kinds(topology, 2, 31 * 8 + 2), (std::vector{LinkKind::nic_out, LinkKind::nic_in}));
  EXPECT_EQ(kinds(topology, 2, 32 * 8 + 2),
            (std::vector{LinkKind::nic_out, LinkKind::leaf_up, LinkKind::leaf_down, LinkKind::nic_in}));
}

TEST(Topology, RoutesToAnotherRailWithAnNvlinkHopFirst) {
  const Topology topology(cluster(NetworkKind::rail_optimised, 64));
  EXPECT_EQ(kinds(topology, 0, 8 + 5),
            (std::vector{LinkKind::nvlink_out, LinkKind::nvlink_in, LinkKind::nic_out, LinkKind::nic_in}));
}

TEST(Topology, AllNetworkRoutesShareOneLatency) {
  const Topology topology(cluster(NetworkKind::multi_plane_ft2, 64));
  for (int to : {8, 9, 32 * 8, 40 * 8 + 3}) {
    const Route route = topology.route(GpuId(0), GpuId(to));
    EXPECT_EQ(route.latency_class, LatencyClass::network);
    EXPECT_EQ(route.latency, 3.7_us);
  }
}

using Size = std::tuple<NetworkKind, int, int>;
class TopologyOfAnySize : public testing::TestWithParam<Size> {
 protected:
  Topology topology_{cluster(std::get<0>(GetParam()), std::get<1>(GetParam()), std::get<2>(GetParam()))};
};

TEST_P(TopologyOfAnySize, RoutesOfARailAreShortestPaths) {
  const int nodes = topology_.num_nodes();
  for (int to : {1 % nodes, nodes / 2, nodes - 1}) {
    for (int rail : {0, 7}) {
      const GpuId target = topology_.gpu_at(NodeId(to), rail);
      const auto route = topology_.route(GpuId(rail), target);
      EXPECT_EQ(static_cast<int>(route.links.size()), topology_.shortest_hops(GpuId(rail), target));
    }
  }
}

TEST_P(TopologyOfAnySize, NoSwitchHasMorePortsThanItsRadix) {
  const int radix = std::get<2>(GetParam());
  const int leaves = topology_.leaf_of(GpuId(topology_.num_gpus() - 1)).value + 1;
  std::map<LinkKind, int> cables;
  for (std::size_t i = 0; i < topology_.num_links(); ++i) {
    cables[topology_.link(LinkId::of(i)).kind] += topology_.link(LinkId::of(i)).num_cables;
  }
  EXPECT_LE(cables[LinkKind::leaf_up], leaves * radix / 2);
  EXPECT_LE(cables[LinkKind::leaf_up], (topology_.num_switches() - leaves) * radix);
  EXPECT_EQ(cables[LinkKind::leaf_up], cables[LinkKind::leaf_down]);
}

// Shift permutation by half of the nodes inside each rail: full bisection means that no cable carries two
// flows.
TEST_P(TopologyOfAnySize, AShiftPermutationFitsTheUplinks) {
  const int nodes = topology_.num_nodes();
  std::map<LinkId, int> flows;
  for (int node = 0; node < nodes; ++node) {
    const auto route = topology_.route(topology_.gpu_at(NodeId(node), 3),
                                       topology_.gpu_at(NodeId((node + nodes / 2) % nodes), 3));
    for (LinkId id : route.links) ++flows[id];
  }
  for (const auto& [id, count] : flows) EXPECT_LE(count, topology_.link(id).num_cables + 1) << id.value;
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, TopologyOfAnySize,
    testing::Values(Size{NetworkKind::multi_plane_ft2, 1, 64}, Size{NetworkKind::multi_plane_ft2, 33, 64},
                    Size{NetworkKind::multi_plane_ft2, 256, 64}, Size{NetworkKind::multi_plane_ft2, 1952, 64},
                    Size{NetworkKind::multi_plane_ft2, 12544, 256}, Size{NetworkKind::rail_optimised, 2, 64},
                    Size{NetworkKind::rail_optimised, 100, 64}, Size{NetworkKind::rail_optimised, 256, 64}));

}  // namespace
}  // namespace moesim
