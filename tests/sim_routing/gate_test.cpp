#include "sim/routing/gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace moesim {
namespace {

using testing::ElementsAre;

RoutedTokens route(const GateSpec& spec, const std::vector<float>& logits,
                   const std::vector<float>& bias = {}, const std::vector<float>& uniforms = {}) {
  RoutedTokens out;
  Gate(spec).route(logits, bias, uniforms, out);
  return out;
}

/// Six experts in three groups of two, two groups kept, sigmoid with a bias: DeepSeek-V3 in small.
GateSpec small_v3() {
  GateSpec spec;
  spec.num_experts = 6;
  spec.top_k = 2;
  spec.num_groups = 3;
  spec.topk_groups = 2;
  spec.scoring = Scoring::sigmoid;
  spec.group_score = GroupScore::sum_of_two_best;
  spec.normalise = true;
  spec.has_bias = true;
  return spec;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// Softmax of ln 1, ln 2, ln 5 is 1/8, 2/8, 5/8.
TEST(Gate, SoftmaxOverAllExperts) {
  GateSpec spec;
  spec.num_experts = 3;
  spec.top_k = 2;
  spec.route_scale = 16;
  const RoutedTokens out = route(spec, {0, std::log(2.0F), std::log(5.0F)});
  EXPECT_EQ(out.top_k, 2);
  EXPECT_THAT(out.experts, ElementsAre(2, 1));
  EXPECT_NEAR(out.weights[0], 10, 1e-5);
  EXPECT_NEAR(out.weights[1], 4, 1e-5);
}

/// Groups score 1/2 + 1/2, s(1) + s(-2) = 0.85, s(3) + s(-3) = 1: the last and, by the lower id, the first
/// stay. The bias of expert 1 is in its choice alone: without it its weight would be the same.
TEST(Gate, WeightsAreUnbiasedScores) {
  const std::vector<float> logits{0, 0, 1, -2, 3, -3};
  EXPECT_THAT(route(small_v3(), logits).experts, ElementsAre(4, 0));
  const RoutedTokens out = route(small_v3(), logits, {0, 2, 0, 0, 0, 0});
  EXPECT_THAT(out.experts, ElementsAre(1, 4));
  EXPECT_NEAR(out.weights[0], 0.5 / (0.5 + sigmoid(3)), 1e-6);
  EXPECT_NEAR(out.weights[1], sigmoid(3) / (0.5 + sigmoid(3)), 1e-6);
}

/// Every biased score is below 0, groups 0 and 1 are kept. With 0.0 for what is masked group 2 wins.
TEST(Gate, MaskedExpertsWinInTheHuggingFaceFlavourWhenAllKeptAreNegative) {
  const std::vector<float> logits(6, 0);
  const std::vector<float> bias{-1, -1, -1, -1, -2, -2};
  GateSpec spec = small_v3();
  EXPECT_THAT(route(spec, logits, bias).experts, ElementsAre(0, 1));
  spec.flavour = GateFlavour::hugging_face;
  const RoutedTokens out = route(spec, logits, bias);
  EXPECT_THAT(out.experts, ElementsAre(4, 5));
  EXPECT_NEAR(out.weights[0], 0.5, 1e-6);
}

TEST(Gate, HuggingFaceSoftmaxNormalisesOrScales) {
  GateSpec spec;
  spec.num_experts = 2;
  spec.top_k = 2;
  spec.route_scale = 16;
  spec.flavour = GateFlavour::hugging_face;
  EXPECT_NEAR(route(spec, {0, 0}).weights[0], 8, 1e-5);
  spec.normalise = true;
  EXPECT_NEAR(route(spec, {0, 0}).weights[0], 0.5, 1e-6);
  spec.flavour = GateFlavour::reference;
  EXPECT_NEAR(route(spec, {0, 0}).weights[0], 8, 1e-5);
}

/// Scores 3/4 and 1/4: the second is used where 2 x 1/4 > u. The first keeps its normalised weight.
TEST(Gate, SecondExpertIsDrawn) {
  GateSpec spec;
  spec.num_experts = 2;
  spec.top_k = 2;
  spec.normalise = true;
  spec.random_second = true;
  const float ln3 = std::log(3.0F);
  const RoutedTokens out = route(spec, {ln3, 0, ln3, 0}, {}, {0.49F, 0.51F});
  EXPECT_THAT(out.experts, ElementsAre(0, 1, 0, kNoExpert));
  EXPECT_NEAR(out.weights[1], 0.25, 1e-6);
  EXPECT_NEAR(out.weights[2], 0.75, 1e-6);
  EXPECT_EQ(out.weights[3], 0);
}

TEST(Gate, TiesGoToTheLowestId) {
  GateSpec spec = small_v3();
  spec.num_groups = spec.topk_groups = 1;
  EXPECT_THAT(route(spec, {0, 1, 1, 1, 0, 1}).experts, ElementsAre(1, 2));
}

/// Sigmoid scores 1/2 and 1/2 of two experts: each token adds 1/2 to either.
TEST(Gate, ScoreSumsAreNormalised) {
  GateSpec spec;
  spec.num_experts = 2;
  spec.scoring = Scoring::sigmoid;
  std::vector<double> sums{0, 1};
  RoutedTokens out;
  Gate(spec).route(std::vector<float>{0, 0, 4, 4}, {}, {}, out, sums);
  EXPECT_NEAR(sums[0], 1, 1e-6);
  EXPECT_NEAR(sums[1], 2, 1e-6);
}

TEST(Gate, RefusesSpecsThatContradictThemselves) {
  const auto with = [](auto change) {
    GateSpec spec = small_v3();
    change(spec);
    return spec;
  };
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.num_experts = 0; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.num_experts = 65535; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.top_k = 0; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.top_k = 5; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.num_groups = 4; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.topk_groups = 4; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.group_score = GroupScore::none; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.num_groups = 6; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.route_scale = 0; })), std::invalid_argument);
  EXPECT_THROW(Gate(with([](GateSpec& s) { s.top_k = 1, s.random_second = true; })), std::invalid_argument);
}

TEST(Gate, RefusesSizesAndNumbersThatDoNotFit) {
  const Gate gate(small_v3());
  RoutedTokens out;
  std::vector<double> sums(5);
  const std::vector<float> six(6, 0);
  std::vector<float> broken = six;
  EXPECT_THROW(gate.route(std::span(six).first(5), {}, {}, out), std::invalid_argument);
  EXPECT_THROW(gate.route(six, std::span(six).first(5), {}, out), std::invalid_argument);
  EXPECT_THROW(gate.route(six, {}, six, out), std::invalid_argument);
  EXPECT_THROW(gate.route(six, {}, {}, out, sums), std::invalid_argument);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    broken[5] = bad;
    EXPECT_THROW(gate.route(broken, {}, {}, out), std::invalid_argument);
    EXPECT_THROW(gate.route(six, broken, {}, out), std::invalid_argument);
  }
  GateSpec drawn;
  drawn.num_experts = drawn.top_k = 2;
  drawn.random_second = true;
  EXPECT_THROW(route(drawn, {0, 0}, {}, {1.0F}), std::invalid_argument);
  EXPECT_THROW(route(drawn, {0, 0}, {}, {-0.1F}), std::invalid_argument);
  EXPECT_THROW(route(drawn, {0, 0}, {0, 0}, {0.0F}), std::invalid_argument);
}

TEST(Gate, NoTokensAreNone) {
  EXPECT_TRUE(route(small_v3(), {}).experts.empty());
}

}  // namespace
}  // namespace moesim
