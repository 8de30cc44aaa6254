#include "calib/measure/gate_reference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace moesim {
namespace {

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// 8 experts in 4 groups of 2, 2 groups kept, top 3, scale 2. Scores grow with logits. Groups (0,1), (2,3),
// (4,5), (6,7) have sums of the logits' sigmoids; the bias lifts group 3.
struct SmallGate : testing::Test {
  GateShape shape{8, 4, 2, 3, 2.0};
  std::vector<float> logits{0, 1, 3, -3, 2, 1.5F, -1, -2};
  std::vector<float> bias = std::vector<float>(8, 0.0F);
};

// Sums: group 0: 0.5 + 0.731 = 1.231; 1: 0.953 + 0.047 = 1.0; 2: 0.881 + 0.818 = 1.698; 3: 0.269 + 0.119.
// Groups 2 and 0 stay; expert 2 with the best score of all is dropped. Top 3: 4, 5, 1.
TEST_F(SmallGate, GroupsAreKeptByTheirTwoBest) {
  const auto choice = gate_reference(shape, logits, bias);
  EXPECT_EQ(choice.experts, (std::vector<int>{4, 5, 1}));
  const double sum = sigmoid(2) + sigmoid(1.5) + sigmoid(1);
  EXPECT_NEAR(choice.weights[0], 2 * sigmoid(2) / sum, 1e-12);
  EXPECT_NEAR(choice.weights[2], 2 * sigmoid(1) / sum, 1e-12);
  EXPECT_NEAR(std::accumulate(choice.weights.begin(), choice.weights.end(), 0.0), 2, 1e-12);
  // Nearest decision: groups 0 and 1 differ by 0.231, experts 1 and 0 by the same.
  EXPECT_NEAR(choice.margin, sigmoid(1) - 0.5, 1e-9);
}

TEST_F(SmallGate, TheBiasChoosesButDoesNotWeigh) {
  bias[6] = 2;  // group 3 now has 2.388
  const auto choice = gate_reference(shape, logits, bias);
  EXPECT_EQ(choice.experts, (std::vector<int>{6, 4, 5}));
  const double sum = sigmoid(-1) + sigmoid(2) + sigmoid(1.5);
  EXPECT_NEAR(choice.weights[0], 2 * sigmoid(-1) / sum, 1e-12);
}

TEST_F(SmallGate, TiesGoToTheLowestNumber) {
  const std::vector<float> equal(8, 0.25F);
  const auto choice = gate_reference(shape, equal, bias);
  EXPECT_EQ(choice.experts, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(choice.margin, 0);
}

TEST_F(SmallGate, OneGroupTakesTheBestOfAll) {
  shape.groups = 1;
  shape.kept_groups = 1;
  EXPECT_EQ(gate_reference(shape, logits, bias).experts, (std::vector<int>{2, 4, 5}));
}

}  // namespace
}  // namespace moesim
