#include "sim/network/data_parallel.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

using namespace literals;
const PortSpeeds kH800{47.5_GBps, 160.0_GBps};

TEST(RingCost, OneReplicaMovesNothing) {
  EXPECT_EQ(time_alone(ring_cost(1.0_GB, {1, 1}, 5.0_us), kH800).value(), 0);
}

TEST(RingCost, TwoReplicasOnTwoNodesAreBoundByTheNic) {
  // 1 GB x 1/2 over one NIC.
  EXPECT_DOUBLE_EQ(time_alone(ring_cost(1.0_GB, {2, 1}, 0.0_s), kH800).value(), 0.5 / 47.5);
}

TEST(RingCost, WholeNodesAreBoundByNvlink) {
  // 128 replicas on 16 whole nodes: each NIC carries an eighth, so 160 GB/s of NVLink bind.
  const CollectiveCost cost = ring_cost(1.0_GB, {128, 8}, 0.0_s);
  EXPECT_DOUBLE_EQ(cost.nic.value() * 8, cost.nvlink.value());
  EXPECT_DOUBLE_EQ(time_alone(cost, kH800).value(), 127.0 / 128 / 160);
}

TEST(RingCost, InsideANodeUsesNoNic) {
  EXPECT_EQ(ring_cost(1.0_GB, {8, 8}, 0.0_s).nic.value(), 0);
}

TEST(SendCost, PipelineHop) {
  // 4096 x 7168 x 2 B at 47.5 GB/s: 1.24 ms (published magnitude).
  EXPECT_NEAR(time_alone(send_cost(Bytes(4096.0 * 7168 * 2), 0.0_s), kH800).value(), 1.236e-3, 1e-6);
}

}  // namespace
}  // namespace moesim
