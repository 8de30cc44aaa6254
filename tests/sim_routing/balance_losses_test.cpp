#include "sim/routing/balance_losses.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <array>
#include <numeric>
#include <stdexcept>

namespace moesim {
namespace {

/// `rounds` x num_experts / top_k tokens whose choices go round the experts, all scores alike.
BalanceSums balanced(const LossShape& shape, int tokens) {
  std::vector<std::uint16_t> experts(static_cast<std::size_t>(tokens * shape.top_k));
  for (std::size_t i = 0; i < experts.size(); ++i)
    experts[i] = static_cast<std::uint16_t>(i % static_cast<std::size_t>(shape.num_experts));
  BalanceSums sums(shape);
  count_choices(shape, experts, sums);
  for (double& score : sums.scores) score = static_cast<double>(tokens) / shape.num_experts;
  return sums;
}

/// Tokens choose two experts of device 0, two of 1 and two of 2, then of 3, 4, 5 and so on: every device is
/// reached by M / D = 3 / 8 of the tokens, every expert chosen by K / N of them.
BalanceSums balanced_over_three_devices(const LossShape& shape, int tokens) {
  std::vector<std::uint16_t> experts;
  const int width = shape.num_experts / shape.num_devices;
  std::vector<int> next(static_cast<std::size_t>(shape.num_devices), 0);
  for (int t = 0, device = 0; t < tokens; ++t) {
    for (int visit = 0; visit < shape.device_limit; ++visit, device = (device + 1) % shape.num_devices) {
      for (int choice = 0; choice < shape.top_k / shape.device_limit; ++choice) {
        int& expert = next[static_cast<std::size_t>(device)];
        experts.push_back(static_cast<std::uint16_t>(device * width + expert));
        expert = (expert + 1) % width;
      }
    }
  }
  BalanceSums sums(shape);
  count_choices(shape, experts, sums);
  for (double& score : sums.scores) score = static_cast<double>(tokens) / shape.num_experts;
  return sums;
}

const LossShape kDeepSeekV2{160, 6, 8, 3};

TEST(BalanceLosses, PerfectBalanceGivesTheFactors) {
  const BalanceSums sums = balanced_over_three_devices(kDeepSeekV2, 1280);
  for (const double chosen : sums.chosen) ASSERT_EQ(chosen, 1280 * 6 / 160);
  for (const double sent : sums.sent) ASSERT_EQ(sent, 1280 * 3 / 8);
  EXPECT_EQ(expert_loss(0.003, kDeepSeekV2, sums), 0.003);
  EXPECT_EQ(device_loss(0.05, kDeepSeekV2, sums), 0.05);
  EXPECT_EQ(communication_loss(0.02, kDeepSeekV2, sums), 0.02);
}

TEST(BalanceLosses, PerfectBalanceGivesTheFactorOfEveryGate) {
  for (const auto& [shape, alpha] : {std::pair{LossShape{64, 6, 1, 1}, 0.001},  // DeepSeekMoE-16B
                                     std::pair{LossShape{256, 8, 1, 1}, 1e-4},  // DeepSeek-V3, sequence-wise
                                     std::pair{LossShape{128, 1, 1, 1}, 0.01}}) {  // Switch
    EXPECT_EQ(expert_loss(alpha, shape, balanced(shape, 4096)), alpha) << shape.num_experts;
  }
}

/// 4 experts on 2 devices, top-2, M = 2, 4 tokens:
///   choices 01 01 02 03: chosen 4 2 1 1, f = 4 / (2 x 4) x chosen = 2 1 0.5 0.5
///   scores 2 1 0.5 0.5: P = 1/2 1/4 1/8 1/8
///   expert: 1 + 1/4 + 1/16 + 1/16 = 1.375
///   device: f' = 1.5 0.5, P' = 3/4 1/4: 1.125 + 0.125 = 1.25
///   sent: 4 2; f'' = 2 / (2 x 4) x sent = 1 0.5: 0.75 + 0.125 = 0.875
TEST(BalanceLosses, ByHand) {
  const LossShape shape{4, 2, 2, 2};
  BalanceSums sums(shape);
  count_choices(shape, std::array<std::uint16_t, 8>{0, 1, 0, 1, 0, 2, 0, 3}, sums);
  sums.scores = {2, 1, 0.5, 0.5};
  EXPECT_EQ(sums.chosen, (std::vector<double>{4, 2, 1, 1}));
  EXPECT_EQ(sums.sent, (std::vector<double>{4, 2}));
  EXPECT_DOUBLE_EQ(expert_loss(1, shape, sums), 1.375);
  EXPECT_DOUBLE_EQ(device_loss(1, shape, sums), 1.25);
  EXPECT_DOUBLE_EQ(communication_loss(1, shape, sums), 0.875);
}

/// All on one expert with all of the score: f = N / K, P = 1, the loss alpha N (Switch, K = 1).
TEST(BalanceLosses, CollapseGivesTheNumberOfExperts) {
  const LossShape shape{16, 1, 1, 1};
  BalanceSums sums(shape);
  count_choices(shape, std::vector<std::uint16_t>(100, 3), sums);
  sums.scores[3] = 100;
  EXPECT_DOUBLE_EQ(expert_loss(0.01, shape, sums), 0.16);
}

/// The losses are linear in P with the coefficients of loss_coefficients.
TEST(BalanceLosses, AreTheirCoefficientsTimesTheMeanScores) {
  const LossShape shape{4, 2, 2, 2};
  LossSpec spec;
  spec.expert = 0.003;
  spec.device = 0.05;
  spec.communication = 0.02;
  BalanceSums sums(shape);
  count_choices(shape, std::array<std::uint16_t, 8>{0, 1, 0, 1, 0, 2, 0, 3}, sums);
  sums.scores = {2, 1, 0.5, 0.5};
  const std::vector<double> c = loss_coefficients(spec, shape, sums);
  const double value = std::inner_product(c.begin(), c.end(), sums.scores.begin(), 0.0) / sums.num_tokens;
  EXPECT_NEAR(value,
              expert_loss(0.003, shape, sums) + device_loss(0.05, shape, sums) +
                  communication_loss(0.02, shape, sums),
              1e-15);
}

TEST(BalanceLosses, PartsAddUp) {
  const LossShape shape{4, 2, 2, 2};
  const std::array<std::uint16_t, 8> experts{0, 1, 0, 1, 0, 2, 0, 3};
  BalanceSums whole(shape), first(shape), second(shape);
  count_choices(shape, experts, whole);
  count_choices(shape, std::span(experts).first(6), first);
  count_choices(shape, std::span(experts).subspan(6), second);
  first += second;
  EXPECT_EQ(first.num_tokens, whole.num_tokens);
  EXPECT_EQ(first.chosen, whole.chosen);
  EXPECT_EQ(first.sent, whole.sent);
  first.clear();
  EXPECT_EQ(first.num_tokens, 0);
  EXPECT_EQ(first.chosen, std::vector<double>(4));
}

TEST(BalanceLosses, UnusedChoicesCountNowhere) {
  const LossShape shape{4, 2, 2, 2};
  BalanceSums sums(shape);
  count_choices(shape, std::array<std::uint16_t, 4>{0, 0xffff, 3, 2}, sums);
  EXPECT_EQ(sums.num_tokens, 2);
  EXPECT_EQ(sums.chosen, (std::vector<double>{1, 0, 1, 1}));
  EXPECT_EQ(sums.sent, (std::vector<double>{1, 1}));
}

TEST(BalanceLosses, NoTokensAreNoLoss) {
  const BalanceSums sums(kDeepSeekV2);
  EXPECT_EQ(expert_loss(1, kDeepSeekV2, sums), 0);
  EXPECT_EQ(device_loss(1, kDeepSeekV2, sums), 0);
  EXPECT_EQ(communication_loss(1, kDeepSeekV2, sums), 0);
}

TEST(BalanceLosses, RefuseWhatIsOutOfRange) {
  const LossShape shape{4, 2, 2, 2};
  BalanceSums sums(shape);
  EXPECT_THROW(count_choices(shape, std::array<std::uint16_t, 2>{0, 4}, sums), std::invalid_argument);
  EXPECT_THROW(count_choices(shape, std::array<std::uint16_t, 3>{0, 1, 2}, sums), std::invalid_argument);
  EXPECT_THROW(BalanceSums(LossShape{10, 2, 3, 1}), std::invalid_argument);
}

TEST(BalanceLosses, Spec) {
  const auto read = [](const std::string& text) {
    return read_spec<LossSpec>(parse_json(text, "losses.json"), "losses.json");
  };
  const LossSpec v2 =
      read(R"({"expert": 0.003, "device": 0.05, "communication": 0.02, "scope": "sequence"})");
  EXPECT_EQ(v2.device, 0.05);
  EXPECT_EQ(v2.scope, LossScope::sequence);
  EXPECT_TRUE(v2.any());
  EXPECT_FALSE(read("{}").any());
  EXPECT_THROW(read(R"({"expert": -1})"), SpecError);
  EXPECT_THROW(read(R"({"alpha": 0.1})"), SpecError);
}

}  // namespace
}  // namespace moesim
