#include "sim/serving/experts/expert_rebalance.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

constexpr double kExpertBytes = 3 * 7168 * 2048 + 3 * 4 * 56 * 16;  // FP8 with a scale for each 128 x 128

RebalanceCost cost_of(const ModelSpec& model, const UnitLayout& layout, const ExpertLoadSpec& spec = {}) {
  return rebalance_of(model, layout, spec, load_cluster("h800-2048"), NumberFormat::fp8, 1);
}

ModelSpec with_moe_layers(int num_layers) {
  ModelSpec model = load_model("deepseek-v3");
  model.num_layers -= model.num_moe_layers() - num_layers;
  return model;
}

// Two GPUs of a node without redundant slots: what one gives the other takes, so half of the moves go each
// way over NVLink.
TEST(ExpertRebalance, MovesBetweenTwoGpusByHand) {
  const ModelSpec model = with_moe_layers(1);
  ASSERT_EQ(model.num_moe_layers(), 1);
  const RebalanceCost cost = cost_of(model, {2, 1, 2, 0});
  const NvlinkSpec nvlink = load_cluster("h800-2048").nvlink;
  ASSERT_GT(cost.moved_slots, 0);
  EXPECT_LE(cost.moved_slots, 256);
  EXPECT_DOUBLE_EQ(cost.moved_bytes, cost.moved_slots * kExpertBytes);
  EXPECT_NEAR(cost.pause_s,
              cost.moved_slots / 2 * kExpertBytes / nvlink.bandwidth.value() + nvlink.latency.value(), 1e-9);
  EXPECT_EQ(cost.every_s, 600);
}

// 58 layers of 288 slots, of which at most all change. 18 nodes: nearly every source is on another one, so a
// NIC of 47.5 GB/s takes in its GPU's share, and the busiest somewhat more: 116 experts of 44 MB are 108 ms.
TEST(ExpertRebalance, Of144GpusTakesATenthOfASecond) {
  const RebalanceCost cost = cost_of(load_model("deepseek-v3"), {144, 1, 144, 32});
  EXPECT_GT(cost.moved_slots, 0.8 * 58 * 288);
  EXPECT_LE(cost.moved_slots, 58 * 288);
  const double even = 0.9 * cost.moved_bytes / 144 / load_cluster("h800-2048").nic.usable().value();
  EXPECT_GT(cost.pause_s, even);
  EXPECT_LT(cost.pause_s, 1.6 * even);
  EXPECT_LT(cost.pause_s / cost.every_s, 1e-3);
}

// Two GPUs that split every expert by columns each move half of it.
TEST(ExpertRebalance, ColumnsMoveBesideEachOther) {
  const ModelSpec model = with_moe_layers(1);
  const RebalanceCost whole = cost_of(model, {2, 1, 2, 0});
  const RebalanceCost split = cost_of(model, {4, 2, 2, 0});
  EXPECT_EQ(split.moved_bytes, whole.moved_bytes);
  EXPECT_NEAR(split.pause_s, whole.pause_s / 2, 1e-5);
}

TEST(ExpertRebalance, OverOtherLinksIsThatOfTheirCluster) {
  const ModelSpec model = with_moe_layers(2);
  ClusterSpec slow = load_cluster("h800-2048");
  slow.nic.bandwidth = slow.nic.bandwidth / 2;
  const UnitLayout layout{32, 1, 32, 32};
  const RebalanceCost there = rebalance_of(model, layout, {}, slow, NumberFormat::fp8, 1);
  const RebalanceCost here = cost_of(model, layout);
  const RebalanceCost moved = over_links(here, slow);
  EXPECT_GT(moved.pause_s, 1.5 * here.pause_s);
  EXPECT_EQ(moved.pause_s, there.pause_s);
  EXPECT_EQ(moved.moved_bytes, there.moved_bytes);
  EXPECT_EQ(over_links({}, slow).pause_s, 0);
}

TEST(ExpertRebalance, NothingMovesWhereNothingFollows) {
  const ModelSpec model = with_moe_layers(1);
  const UnitLayout layout{32, 1, 32, 32};
  ExpertLoadSpec spec;
  spec.mode = ExpertLoadMode::balanced;
  EXPECT_EQ(cost_of(model, layout, spec).pause_s, 0);
  spec = {};
  spec.eplb.on = false;
  EXPECT_EQ(cost_of(model, layout, spec).every_s, 0);
  spec = {};
  spec.affinity = serving_affinity();
  spec.affinity->drift = 0;
  EXPECT_EQ(cost_of(model, layout, spec).moved_slots, 0);
  EXPECT_EQ(cost_of(model, {8, 8, 1, 0}).pause_s, 0);
  EXPECT_EQ(cost_of(load_model("llama-3.1-70b"), {8, 8, 1, 0}).pause_s, 0);
}

// Means over windows of 600 s of a random walk whose ends lie 600 s apart differ by the drift of 400 s; over
// short windows by that of the whole time.
TEST(ExpertRebalance, WindowsHideAPartOfTheDrift) {
  EXPECT_DOUBLE_EQ(drift_between_plans(600, 600), 400);
  EXPECT_NEAR(drift_between_plans(1e-9, 600), 600, 1e-6);
  EXPECT_NEAR(drift_between_plans(600, 599.999), 400, 1e-2);
  EXPECT_NEAR(drift_between_plans(600, 6), 6 * 6 / 600.0, 1e-3);
}

}  // namespace
}  // namespace moesim
