#include "sim/network/group_collective.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace moesim {
namespace {

using namespace literals;
const PortSpeeds kH800{47.5_GBps, 160.0_GBps};

double formula_s(Bytes bytes, const ReplicaGroup& group, const PortSpeeds& ports) {
  return time_alone(group_collective_cost(GroupCollective::all_gather, bytes, group, 0.0_s), ports).value();
}

TEST(GroupCollective, InsideANode) {
  // 1 GB x 7/8 over NVLink; an all-reduce is a reduce-scatter and an all-gather.
  const ReplicaGroup node{8, 8};
  EXPECT_DOUBLE_EQ(formula_s(1.0_GB, node, kH800), 7.0 / 8 / 160);
  const CollectiveCost twice = group_collective_cost(GroupCollective::all_reduce, 1.0_GB, node, 3.0_us);
  EXPECT_DOUBLE_EQ(time_alone(twice, kH800).value(), 2 * (7.0 / 8 / 160 + 3e-6));
}

/// One GPU has all of it.
TEST(GroupCollective, OfOneIsNothing) {
  EXPECT_EQ(formula_s(1.0_GB, {1, 1}, kH800), 0);
}

struct Ring {
  const char* name;
  int num_gpus;
  int gpus_per_node;
  PortSpeeds ports;
};
class RingFlows : public testing::TestWithParam<Ring> {};

/// Flow by flow under max-min sharing a ring takes what the formula says: inside nodes of any size, over one
/// GPU a node, and over whole nodes whose NICs bind.
TEST_P(RingFlows, TakeTheTimeOfTheFormula) {
  const Ring& ring = GetParam();
  const auto flows = ring_flows(64.0_MB, ring.num_gpus, ring.gpus_per_node);
  const double by_flows = flows_time(flows, ring.num_gpus, ring.ports).value();
  const double formula = formula_s(64.0_MB, {ring.num_gpus, ring.gpus_per_node}, ring.ports);
  EXPECT_NEAR(by_flows, formula, 0.01 * formula);
}

INSTANTIATE_TEST_SUITE_P(Groups, RingFlows,
                         testing::Values(Ring{"NodeOf8", 8, 8, kH800}, Ring{"NodeOf2", 2, 2, kH800},
                                         Ring{"OneANode", 4, 1, kH800}, Ring{"TwoNodesOf2", 4, 2, kH800},
                                         Ring{"FourNodesOf4", 16, 4, {10.0_GBps, 160.0_GBps}}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(RingFlows, NeedWholeNodes) {
  EXPECT_THROW(ring_flows(1.0_MB, 12, 8), std::invalid_argument);
}

/// Two flows out of one port share it; a third to another GPU has what is left of its own.
TEST(FlowsTime, SharesPorts) {
  const std::vector<Flow> flows{{0, 1, false, 1.0_GB, Seconds(0), -1}, {0, 2, false, 2.0_GB, Seconds(0), -1}};
  // Both at 80 GB/s until the first ends at 12.5 ms, then 1 GB at 160 GB/s.
  EXPECT_NEAR(flows_time(flows, 3, kH800).value(), 1.0 / 80 + 1.0 / 160, 1e-12);
}

/// Rows to 7 of 8 nodes cross the NIC, rows to 7 of 64 ranks NVLink; nothing is sent once for a node.
TEST(FlatAllToAll, SendsEveryRow) {
  const CollectiveCost cost = flat_all_to_all_cost({.rows = 32768,
                                                    .bytes_per_row = Bytes(14336),
                                                    .num_ranks = 64,
                                                    .members_per_node = 8,
                                                    .latency = 27.0_us,
                                                    .nic_max_over_mean = 1.1});
  EXPECT_DOUBLE_EQ(cost.nic.value(), 32768.0 * 14336 * 56 / 64 * 1.1);
  EXPECT_DOUBLE_EQ(cost.nvlink.value(), 32768.0 * 14336 * 7 / 64);
  EXPECT_EQ(cost.tail.value(), 0);
}

}  // namespace
}  // namespace moesim
