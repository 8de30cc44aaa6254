#include "sim/routing/choice_chances.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include <stdexcept>

#include "sim/routing/settled_router.hpp"

namespace moesim {
namespace {

struct GateCase {
  const char* name;
  GateSpec gate;
  double bias;  ///< standard deviation over experts
};

class ChancesOfGate : public testing::TestWithParam<GateCase> {};

/// The chances are those with which Gate chooses: of 20,000 tokens an expert's count is within 5 standard
/// deviations, and so is the mean squared difference over experts of what independent counts have.
TEST_P(ChancesOfGate, AreItsFrequencies) {
  const GateSpec& gate = GetParam().gate;
  const auto n = static_cast<std::size_t>(gate.num_experts);
  const std::vector<float> mean = sampled_noise(1, n, 5);
  std::vector<float> bias = sampled_noise(1, n, 6);
  for (float& b : bias) b *= static_cast<float>(GetParam().bias);
  constexpr std::size_t kCounted = 20000, kSampled = 8000;
  std::vector<float> logits = sampled_noise(kCounted, n, 7);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = 0.8F * logits[i] + mean[i % n];
  RoutedTokens routed;
  Gate(gate).route(logits, gate.has_bias ? bias : std::vector<float>{}, {}, routed);
  std::vector<double> counts(n), chances(n);
  for (const std::uint16_t expert : routed.experts) counts[expert] += 1;

  ChoiceChances sampled(gate, 0.8);
  const std::vector<float> noise = sampled_noise(kSampled, n, 8);
  for (std::size_t token = 0; token < kSampled; ++token)
    sampled.add_token(mean, std::span(noise).subspan(token * n, n), bias, chances);
  double squares = 0, total = 0;
  for (std::size_t e = 0; e < n; ++e) {
    const double p = chances[e] / kSampled;
    const double sd = std::sqrt(std::max(p * (1 - p), 1e-4) / kCounted);
    const double difference = counts[e] / kCounted - p;
    EXPECT_NEAR(difference, 0, 5 * sd + 0.02 * p) << "expert " << e;
    squares += difference * difference / (sd * sd) / static_cast<double>(n);
    total += p;
  }
  EXPECT_LT(squares, 2.5);
  EXPECT_NEAR(total, gate.top_k, 0.02 * gate.top_k);
}

INSTANTIATE_TEST_SUITE_P(
    Gates, ChancesOfGate,
    testing::Values(
        GateCase{
            "DeepSeekV3", {256, 8, 8, 4, Scoring::sigmoid, GroupScore::sum_of_two_best, true, true}, 0.05},
        GateCase{"DeepSeekV2", {160, 6, 8, 3, Scoring::softmax, GroupScore::best}, 0},
        GateCase{"Mixtral", {8, 2, 1, 1, Scoring::softmax, GroupScore::none, true}, 0},
        GateCase{"Qwen3", {128, 8, 1, 1, Scoring::softmax, GroupScore::none, true}, 0},
        GateCase{"Switch", {16, 1, 1, 1, Scoring::softmax, GroupScore::none}, 0},
        GateCase{"SigmoidWithoutGroups", {64, 6, 1, 1, Scoring::sigmoid, GroupScore::none, true, true}, 0.1},
        GateCase{"SoftmaxWithBias", {64, 6, 1, 1, Scoring::softmax, GroupScore::none, true, true}, 0.005},
        GateCase{"OneGroupKept", {32, 2, 4, 1, Scoring::sigmoid, GroupScore::best, true, true}, 0.05}),
    [](const auto& info) { return std::string(info.param.name); });

/// With as many experts as choices every one is certain.
TEST(ChoiceChances, OfAllExpertsAreOne) {
  ChoiceChances chances({4, 4, 1, 1, Scoring::softmax, GroupScore::none}, 1);
  std::vector<double> sums(4);
  const std::vector<float> mean{0, 1, 2, 3}, zeros(4);
  EXPECT_EQ(chances.add_token(mean, zeros, zeros, sums).size(), 4u);
  for (const double sum : sums) EXPECT_EQ(sum, 1);
}

/// Top-1 of two experts whose means differ by 1: the other's noise is 0, so the better one is chosen with
/// chance Phi(1) and the other one, whose rival has 1, with Phi(-1).
TEST(ChoiceChances, OfTwoExperts) {
  ChoiceChances chances({2, 1, 1, 1, Scoring::softmax, GroupScore::none}, 1);
  std::vector<double> sums(2);
  const std::vector<float> mean{1, 0}, zeros(2);
  EXPECT_EQ(chances.add_token(mean, zeros, zeros, sums)[0], 0);
  EXPECT_NEAR(sums[0], 0.841345, 2e-5);
  EXPECT_NEAR(sums[1], 0.158655, 2e-5);
}

TEST(ChoiceChances, RefusesWhatHasNoCriticalLogit) {
  EXPECT_THROW(ChoiceChances({4, 2, 1, 1, Scoring::softmax, GroupScore::none}, 0), std::invalid_argument);
  GateSpec gshard{4, 2, 1, 1, Scoring::softmax, GroupScore::none};
  gshard.random_second = true;
  EXPECT_THROW(ChoiceChances(gshard, 1), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
