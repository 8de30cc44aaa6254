#include "sim/routing_run/layer_placement.hpp"

#include <gtest/gtest.h>

#include "sim/routing/gate.hpp"
#include "tests/sim_routing_run/small_scenario.hpp"

namespace moesim {
namespace {

RoutingInputs inputs_of(const char* changes = "{}") {
  return load_routing(test::small_scenario(changes), test::kFile);
}

/// 64 experts with a token each but for expert 0, which has `first`.
std::vector<std::uint32_t> load_of(std::uint32_t first) {
  std::vector<std::uint32_t> tokens(64, 1);
  tokens[0] = first;
  return tokens;
}

TEST(Imbalance, IsWhatTheGreatestExceedsTheMeanBy) {
  EXPECT_DOUBLE_EQ(imbalance(std::vector<double>{1, 2, 3}), 0.5);
  EXPECT_EQ(imbalance(std::vector<double>{0, 0}), 0);
}

// GPU 0 holds experts 0 to 7: 9 + 7 tokens of 72, 16 / 9 of the mean. One node of 8 GPUs is all there is.
TEST(LayerPlacement, ContiguousExpertsShareAGpu) {
  LayerPlacement layer(inputs_of());
  const PlacedStep& placed = layer.load(load_of(9), {});
  EXPECT_EQ(placed.gpu_tokens[0], 16);
  EXPECT_EQ(placed.gpu_tokens[1], 8);
  EXPECT_DOUBLE_EQ(placed.rank, 16.0 / 9 - 1);
  EXPECT_DOUBLE_EQ(placed.balancedness, 9.0 / 16);
  EXPECT_DOUBLE_EQ(placed.slot, 9 / (72.0 / 64) - 1);
  EXPECT_EQ(placed.node, 0);
  EXPECT_FALSE(placed.rank_after_eplb);
}

// GPU 0 holds experts 0, 8, 16, ..., GPU 1 experts 1, 9, ...
TEST(LayerPlacement, RoundRobinDealsNeighboursToNeighbours) {
  LayerPlacement layer(inputs_of(R"({"placement": {"strategy": "round_robin"}})"));
  EXPECT_EQ(layer.placement().slot_expert[1], 8);
  EXPECT_EQ(layer.placement().slot_expert[8], 1);
}

// 8 more slots take the hot expert apart from the second step on; the placement itself stays.
TEST(LayerPlacement, TheWhatIfPlansBesideThePlacement) {
  LayerPlacement layer(
      inputs_of(R"({"placement": {"what_if": {"redundant_experts": 8, "replan_every": 1}}})"));
  const std::vector<std::uint32_t> load = load_of(65);  // of 128
  EXPECT_FALSE(layer.load(load, {}).slot_after_eplb);
  EXPECT_FALSE(layer.end_step(load));
  const PlacedStep& placed = layer.load(load, {});
  ASSERT_TRUE(placed.slot_after_eplb);
  EXPECT_LT(*placed.slot_after_eplb, placed.slot / 5);
  EXPECT_LT(*placed.rank_after_eplb, placed.rank / 5);
  EXPECT_EQ(layer.placement().num_slots(), 64);
}

TEST(LayerPlacement, EplbIsInForceFromTheNextStep) {
  LayerPlacement layer(
      inputs_of(R"({"placement": {"strategy": "eplb", "redundant_experts": 8, "replan_every": 2}})"));
  const std::vector<std::uint32_t> load = load_of(65);
  const double before = layer.load(load, {}).rank;
  EXPECT_FALSE(layer.end_step(load));
  EXPECT_EQ(layer.load(load, {}).rank, before);
  const std::optional<Replan> replan = layer.end_step(load);
  ASSERT_TRUE(replan);
  EXPECT_FALSE(replan->moves.empty());
  EXPECT_LT(layer.load(load, {}).rank, before / 2);
}

/// Every token of 64 on 8 GPUs chooses experts 0 to 5.
std::vector<std::uint16_t> same_choices() {
  std::vector<std::uint16_t> choices;
  for (int token = 0; token < 64; ++token) {
    for (std::uint16_t k = 0; k < 6; ++k) choices.push_back(k);
  }
  return choices;
}

// All go to GPU 0: 8 tokens are there already, 56 travel over NVLink.
TEST(LayerPlacement, TrafficGoesWhereTheExpertsAre) {
  const LayerPlacement layer(inputs_of());
  const LinkTotals totals = layer.traffic(same_choices(), DispatchMode::normal).totals();
  EXPECT_EQ(totals, (LinkTotals{8, 56, 0}));
  std::vector<std::uint16_t> unused(64 * 6, kNoExpert);
  EXPECT_EQ(layer.traffic(unused, DispatchMode::normal).totals(), LinkTotals{});
}

// Two more nodes: with replicas of the hot experts on every node, the nearest one spares the NICs.
TEST(LayerPlacement, NearestReplicasSpareTheNics) {
  const auto nic_copies = [](const char* choice) {
    const std::string changes = std::string(R"({"placement": {"ep": 16, "strategy": "eplb", "replan_every": 1,
      "redundant_experts": 64, "replica_choice": ")") +
                                choice + "\"}}";
    LayerPlacement layer(inputs_of(changes.c_str()));
    std::vector<std::uint32_t> load(64, 0);
    for (std::size_t e = 0; e < 6; ++e) load[e] = 64;
    const std::vector<std::uint16_t> choices = same_choices();
    layer.load(load, choices);
    layer.end_step(load);
    const PlacedStep& placed = layer.load(load, choices);
    double sum = 0;
    for (const double tokens : placed.slot_tokens) sum += tokens;
    EXPECT_NEAR(sum, 6 * 64, 1e-9);
    return layer.traffic(choices, DispatchMode::normal).totals().nic;
  };
  EXPECT_LT(nic_copies("nearest"), nic_copies("round_robin"));
}

}  // namespace
}  // namespace moesim
