#include "sim/network/all_to_all.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace moesim {
namespace {

using namespace literals;
const PortSpeeds kH800{47.5_GBps, 160.0_GBps};

AllToAllDemand deepseek_v3_dispatch() {
  AllToAllDemand demand;
  demand.tokens = 4096;
  demand.bytes_per_copy = Bytes(7168 + 224);
  demand.num_nodes = 8;
  demand.num_ranks = 64;
  demand.latency = 20.0_us;
  demand.load = make_balanced_router()->route({64, 8, 3.95, 6.4});
  return demand;
}

TEST(AllToAll, NicCarriesATokenOncePerNode) {
  const CollectiveCost cost = all_to_all_cost(deepseek_v3_dispatch());
  // 4096 tokens x 3.95 nodes x 7/8 remote x 7392 B.
  EXPECT_NEAR(cost.nic.value(), 4096 * 3.95 * 0.875 * 7392, 1e3);
  EXPECT_GT(cost.nvlink.value() + cost.tail.value(), cost.nic.value());
}

TEST(AllToAll, PerturbationsFollowTheFormula) {
  const AllToAllDemand base = deepseek_v3_dispatch();
  AllToAllDemand half_topk = base;
  half_topk.load.nodes_per_token /= 2;
  EXPECT_DOUBLE_EQ(all_to_all_cost(half_topk).nic.value() * 2, all_to_all_cost(base).nic.value());
  AllToAllDemand bf16 = base;
  bf16.bytes_per_copy = Bytes(14336);
  EXPECT_NEAR(all_to_all_cost(bf16).nic / all_to_all_cost(base).nic, 14336.0 / 7392, 1e-12);
  AllToAllDemand skewed = base;
  skewed.load.node_max_over_mean = 1.04;
  skewed.load.rank_max_over_mean = 1.2;
  EXPECT_NEAR(all_to_all_cost(skewed).nic / all_to_all_cost(base).nic, 1.04, 1e-12);
  EXPECT_NEAR(all_to_all_cost(skewed).nvlink / all_to_all_cost(base).nvlink, 1.2, 1e-12);
  // Half the NIC doubles what the NIC takes: alone it is latency + NIC + tail.
  const PortSpeeds half_nic{kH800.nic / 2, kH800.nvlink};
  const CollectiveCost cost = all_to_all_cost(base);
  EXPECT_NEAR((time_alone(cost, half_nic) - time_alone(cost, kH800)).value(), (cost.nic / kH800.nic).value(),
              1e-12);
}

TEST(AllToAll, OneNodeUsesNvlinkAlone) {
  AllToAllDemand demand = deepseek_v3_dispatch();
  demand.num_nodes = 1;
  demand.num_ranks = 8;
  demand.load = make_balanced_router()->route({8, 1, 1, 4.9});
  const CollectiveCost cost = all_to_all_cost(demand);
  EXPECT_EQ(cost.nic.value(), 0);
  EXPECT_EQ(cost.tail.value(), 0);
  EXPECT_GT(cost.nvlink.value(), 0);
}

TEST(AllToAll, CalibratedTakesTheMeasuredTime) {
  const CollectiveCost cost = calibrated(all_to_all_cost(deepseek_v3_dispatch()), kH800, 2.2_ms);
  EXPECT_NEAR(time_alone(cost, kH800).value(), 2.2e-3, 1e-12);
  EXPECT_THROW(calibrated(cost, kH800, 1.0_us), std::invalid_argument);
}

/// Two nodes of two GPUs; every GPU sends 1 copy to every other GPU.
DispatchTraffic small_traffic() {
  DispatchTraffic traffic;
  traffic.num_gpus = 4;
  traffic.gpus_per_node = 2;
  traffic.bytes_per_copy = 1.0_MB;
  traffic.copies = {0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0};
  traffic.node_copies = {0, 1, 0, 1, 1, 0, 1, 0};
  return traffic;
}

TEST(DispatchFlows, BytesAreConserved) {
  for (const int chunks : {1, 4, 8}) {
    double nic = 0;
    double nvlink = 0;
    for (const Flow& flow : dispatch_flows(small_traffic(), chunks)) {
      (flow.over_nic ? nic : nvlink) += flow.bytes.value();
    }
    // Each of 4 GPUs crosses to one other node once; it sends 1 copy to its neighbour and its gateway
    // forwards 1 copy to the other GPU of the remote node (the gateway's own copy has arrived).
    EXPECT_NEAR(nic, 4e6, 1e-6);
    EXPECT_NEAR(nvlink, 8e6, 1e-6);
  }
}

TEST(DispatchFlows, ForwardingWaitsForItsChunk) {
  const std::vector<Flow> flows = dispatch_flows(small_traffic(), 2);
  for (const Flow& flow : flows) {
    if (flow.depends_on < 0) continue;
    const Flow& arrival = flows.at(static_cast<std::size_t>(flow.depends_on));
    EXPECT_TRUE(arrival.over_nic);
    EXPECT_EQ(arrival.destination, flow.source);
  }
}

TEST(DispatchFormula, PortsBind) {
  // NIC: 1 MB out of every port; NVLink: 2 MB out of every port. latency + max(1/47.5 + 2/160/4, 2/160) MB.
  const Seconds t = dispatch_formula(small_traffic(), 4, kH800, 10.0_us);
  EXPECT_NEAR(t.value(), 10e-6 + 1e6 / 47.5e9 + 2e6 / 160e9 / 4, 1e-12);
}

}  // namespace
}  // namespace moesim
