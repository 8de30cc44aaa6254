#include "sim/serving/experts/routed_loads.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"

namespace moesim {
namespace {

constexpr int kLayers = 58;

RoutedLoadsInput input_of(int ep, int redundant, bool eplb) {
  RoutedLoadsInput input;
  input.gate = gate_of(load_model("deepseek-v3"));
  input.groups = {256, 8, ep, std::min(ep, 8), 256 + redundant, 1};
  input.num_layers = kLayers;
  input.spec.eplb.on = eplb;
  return input;
}

std::shared_ptr<const ExpertLoads> even(int ep) {
  RoutedLoadsInput input = input_of(ep, 0, false);
  input.affinity = {};
  input.num_layers = 12;
  return make_routed_loads(input);
}

// TensorRT-LLM tech blog 4 publishes (max - mean) / mean of DeepSeek-R1 on EP32 at 1,024 rows a rank: by rank
// 1.564, by expert 10.948; with 288 slots and EPLB by rank 0.109, by slot 1.792. The first two and the last
// are held to 15 %, as means over layers of one spread. What EPLB leaves by rank depends on the age of plans.
TEST(RoutedLoads, GiveThePublishedImbalanceByRank) {
  EXPECT_NEAR(make_routed_loads(input_of(32, 0, false))->mean(4096).gpu_max_over_mean - 1, 1.564,
              0.15 * 1.564);
}

TEST(RoutedLoads, GiveThePublishedImbalanceByExpert) {
  EXPECT_NEAR(make_routed_loads(input_of(1, 0, true))->mean(4096).slot_max_over_mean - 1, 10.948,
              0.15 * 10.948);
}

TEST(RoutedLoads, PlansThatLagLeaveAboutWhatIsPublished) {
  const RoutedLoadsInput stale = input_of(32, 32, true);
  RoutedLoadsInput fresh = stale;
  fresh.affinity.drift = 0;
  const double lagging = make_routed_loads(stale)->mean(4096).gpu_max_over_mean - 1;
  EXPECT_NEAR(lagging, 0.109, 0.15 * 0.109);
  EXPECT_LT(make_routed_loads(fresh)->mean(4096).gpu_max_over_mean - 1, 0.6 * lagging);
}

// Experts that b tokens reach: sum of 1 - (1 - p)^b over lognormal shares of sigma 0.986 (computed apart:
// 29, 52, 84, 131, 173) and 256 (1 - (1 - 8/256)^b) where all are alike.
TEST(RoutedLoads, TouchAsManyExpertsAsTheirSharesSay) {
  const auto skewed = make_routed_loads(input_of(1, 0, true));
  for (const auto& [tokens, touched] : {std::pair{4, 29}, {8, 52}, {16, 84}, {32, 131}, {64, 173}})
    EXPECT_NEAR(skewed->mean(tokens).slots_touched, touched, 0.04 * touched) << tokens;
  const auto alike = even(1);
  for (const auto& [tokens, touched] : {std::pair{4, 31}, {8, 57}, {16, 102}, {32, 163}, {64, 222}})
    EXPECT_NEAR(alike->mean(tokens).slots_touched, touched, 0.02 * touched) << tokens;
}

// max / mean by rank of uniform routing. Group-limited choice sends three to eight of a token's rows to one
// of eight ranks, so EP8 is a little above the figure for independent choices.
TEST(RoutedLoads, EvenRoutingIsOffTheMeanByChanceAlone) {
  EXPECT_NEAR(even(8)->mean(1024).gpu_max_over_mean, 1.04, 0.02);
  EXPECT_NEAR(even(32)->mean(2048).gpu_max_over_mean, 1.10, 0.02);
  EXPECT_NEAR(even(64)->mean(2048).gpu_max_over_mean, 1.17, 0.02);
  EXPECT_NEAR(even(128)->mean(4096).gpu_max_over_mean, 1.18, 0.02);
  EXPECT_LT(even(32)->mean(2e6).gpu_max_over_mean, 1.01);
}

TEST(RoutedLoads, StatesOfOneDrawAreTheSameAndAverageToTheMean) {
  RoutedLoadsInput input = input_of(32, 32, true);
  input.num_layers = 4;
  const auto one = make_routed_loads(input);
  EXPECT_EQ(one->state(100, 3, 5).gpu_max_over_mean, one->state(100, 3, 5).gpu_max_over_mean);
  double sum = 0;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) sum += one->state(100, 0, static_cast<std::uint64_t>(i)).gpu_max_over_mean;
  EXPECT_NEAR(sum / kDraws, one->mean(100).gpu_max_over_mean, 0.01);
}

/// Share of neighbouring redraws of a unit with the same state.
double kept(RoutedLoadsInput input) {
  input.num_layers = 1;
  const auto loads = make_routed_loads(input);
  int same = 0;
  constexpr int kDraws = 4000;
  for (std::uint64_t i = 0; i < kDraws; ++i)
    same +=
        loads->state(100, 7, i).gpu_max_over_mean == loads->state(100, 7, i + 1).gpu_max_over_mean ? 1 : 0;
  return static_cast<double>(same) / kDraws;
}

// Eight draws: 1/8 by chance. Documents of 4,096 tokens stay for 64 redraws of 64 iterations; half of the
// noise kept for 8 redraws makes 1/8 + 7/8 x 1/4 x 7/8.
TEST(RoutedLoads, ADecodeUnitKeepsItsLoadWhileTokensResemble) {
  EXPECT_NEAR(kept(input_of(32, 32, true)), 0.125, 0.02);
  RoutedLoadsInput topics = input_of(32, 32, true);
  topics.affinity.topics = {8, 0.5, 0, 4096};
  EXPECT_NEAR(kept(topics), 1 - 0.875 / 64, 0.01);
  RoutedLoadsInput persistent = input_of(32, 32, true);
  persistent.affinity.persistence = {0.5, 512};
  EXPECT_NEAR(kept(persistent), 0.125 + 0.875 * 0.25 * 0.875, 0.03);
  persistent.mode = BatchMode::training;
  EXPECT_NEAR(kept(persistent), 0.125, 0.02);
}

// Prompts of one topic each, or tokens that share noise, are fewer independent choices than their number.
TEST(RoutedLoads, PromptsThatResembleAreMoreUneven) {
  RoutedLoadsInput input = input_of(32, 32, true);
  input.mode = BatchMode::training;
  input.num_layers = 8;
  const double plain = make_routed_loads(input)->mean(16384).gpu_max_over_mean;
  RoutedLoadsInput topics = input;
  topics.affinity.topics = {16, 0.5, 0, 4096};
  EXPECT_GT(make_routed_loads(topics)->mean(16384).gpu_max_over_mean, plain + 0.05);
  RoutedLoadsInput blocks = input;
  blocks.affinity.persistence = {0.5, 64};
  EXPECT_GT(make_routed_loads(blocks)->mean(1024).gpu_max_over_mean,
            make_routed_loads(input)->mean(1024).gpu_max_over_mean + 0.05);
}

TEST(RoutedLoads, ADriftBeyondThePopularityIsRefused) {
  RoutedLoadsInput input = input_of(32, 32, true);
  input.affinity.drift = 5;
  EXPECT_THROW(make_routed_loads(input), SpecError);
}

TEST(RoutedLoads, PlansAgeFromTheLagToTheNextPlan) {
  ServingEplb eplb;
  eplb.window = Seconds(300);
  eplb.lag = Seconds(60);
  eplb.replan_every = Seconds(600);
  EXPECT_DOUBLE_EQ(plan_age(eplb, 0, 2), 100 + 60 + 150);
  EXPECT_DOUBLE_EQ(plan_age(eplb, 1, 2), 100 + 60 + 450);
}

}  // namespace
}  // namespace moesim
