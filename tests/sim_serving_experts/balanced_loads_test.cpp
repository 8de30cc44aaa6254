#include <gtest/gtest.h>

#include "base/error.hpp"
#include "sim/serving/experts/expert_groups.hpp"
#include "sim/serving/experts/expert_loads.hpp"

namespace moesim {
namespace {

std::shared_ptr<const ExpertLoads> balanced(const char* model, const UnitLayout& layout) {
  ExpertLoadSpec spec;
  spec.mode = ExpertLoadMode::balanced;
  return make_expert_loads(load_model(model), layout, spec, 8, 1);
}

TEST(BalancedLoads, EveryGroupHasTheSameRows) {
  const auto loads = balanced("deepseek-v3", {32, 1, 32, 32});
  const ExpertState state = loads->state(4096, 3, 5);
  EXPECT_EQ(state.gpu_max_over_mean, 1);
  EXPECT_EQ(state.node_max_over_mean, 1);
  EXPECT_EQ(state.slots_touched, 9);
  EXPECT_EQ(state.slot_max_over_mean, 1);
}

// 16 tokens have 128 rows, 4 for each of 32 groups; one token has 8, so a fourth of the groups has one.
TEST(BalancedLoads, FewRowsTouchFewSlots) {
  const auto loads = balanced("deepseek-v3", {32, 1, 32, 0});
  EXPECT_EQ(loads->mean(16).slots_touched, 4);
  EXPECT_EQ(loads->mean(1).slots_touched, 1);
  EXPECT_EQ(loads->mean(1).gpu_max_over_mean, 4);
}

TEST(BalancedLoads, OneGroupHoldsAllExperts) {
  const auto loads = balanced("deepseek-v3", {8, 8, 1, 0});
  EXPECT_EQ(loads->mean(4).slots_touched, 32);
  EXPECT_EQ(loads->mean(1000).slots_touched, 256);
}

TEST(BalancedLoads, ADenseModelHasNoSlots) {
  const auto loads = balanced("llama-3.1-70b", {8, 8, 1, 0});
  EXPECT_EQ(loads->mean(100).slots_touched, 0);
  EXPECT_EQ(loads->mean(100).gpu_max_over_mean, 1);
}

TEST(ExpertGroups, LieOnNodes) {
  const ModelSpec model = load_model("deepseek-v3");
  const ExpertGroups wide = expert_groups(model, {144, 1, 144, 32}, 8);
  EXPECT_EQ(wide.slots_per_group(), 2);
  EXPECT_EQ(wide.num_nodes(), 18);
  const ExpertGroups split = expert_groups(model, {16, 2, 8, 0}, 8);
  EXPECT_EQ(split.gpus_per_group, 2);
  EXPECT_EQ(split.num_nodes(), 2);
  EXPECT_EQ(expert_groups(model, {16, 16, 1, 0}, 8).num_nodes(), 1);
}

TEST(ExpertGroups, RefuseWhatDoesNotDivide) {
  const ModelSpec model = load_model("deepseek-v3");
  const auto pointer = [&](const UnitLayout& layout) {
    try {
      expert_groups(model, layout, 8);
    } catch (const SpecError& error) {
      return error.pointer;
    }
    return std::string("none");
  };
  EXPECT_EQ(pointer({8, 1, 3, 0}), "/ep");
  EXPECT_EQ(pointer({12, 1, 12, 0}), "/gpus");
  EXPECT_EQ(pointer({72, 1, 72, 0}), "/redundant_experts");
  EXPECT_EQ(pointer({72, 1, 72, 32}), "none");
}

}  // namespace
}  // namespace moesim
