// Loss-free balancing (Wang et al. 2024, arXiv 2408.15664) of the functional layer. The expected numbers are
// those of an independent simulation of the same layer, one draw of the popularity: MaxVio of the batch
//   tokens  u     late mean  global  steps 0, 10, 50, 100, 200
//   16384   0     3.54       3.54
//   16384   1e-3  0.068      0.003   -, 3.32, 2.29, 1.14, 0.06
//   16384   1e-2  0.177      0.049   balanced by step 50
//   16384   1e-4  0.40 at steps 1000 to 2000
//   2048    1e-3  0.177      0.008
#include <gtest/gtest.h>

#include "tests/sim_routing/functional_layer.hpp"

namespace moesim {
namespace {

using test::FunctionalLayer;
using test::mean_from;
using test::speed;
using test::violations;

constexpr double kTolerance = 0.15;
constexpr std::uint64_t kDraws = 24;

/// The violation before any balancing, of many draws of the popularity.
const std::vector<double>& starts() {
  static const std::vector<double> all = [] {
    std::vector<double> values;
    for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
      FunctionalLayer layer;
      layer.seed = seed;
      values.push_back(violations(layer, 1).front());
    }
    return values;
  }();
  return all;
}

/// The draw whose start is nearest that of the table, so that its way down can be compared.
std::uint64_t nearest_draw() {
  std::uint64_t best = 1;
  for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
    if (std::abs(starts()[seed - 1] - 3.54) < std::abs(starts()[best - 1] - 3.54)) best = seed;
  }
  return best;
}

FunctionalLayer balanced(double u, std::int64_t tokens = 16384) {
  FunctionalLayer layer;
  layer.seed = nearest_draw();
  layer.tokens = tokens;
  layer.bias = speed(u);
  return layer;
}

void expect_near(double value, double published) {
  EXPECT_NEAR(value / published, 1, kTolerance) << value << " instead of " << published;
}

/// E[max] of 64 loads of a multinomial-like draw over their mean.
double floor_of(double tokens) {
  const double share = 6.0 / 64;
  return expected_max_of_normals(64) * std::sqrt((1 - share) / (tokens * share));
}

// The greatest of 64 loads depends on 64 drawn offsets: 3.54 is one of many draws and lies well among them.
TEST(LossFreeBalance, WithoutBiasTheViolationIsThatOfThePopularity) {
  EXPECT_GT(3.54, percentile(starts(), 10));
  EXPECT_LT(3.54, percentile(starts(), 90));
  const std::vector<double> later = violations(balanced(0), 5);
  EXPECT_NEAR(later[4], later[0], 0.1 * later[0]);
}

TEST(LossFreeBalance, TheUsualSpeedFollowsTheTable) {
  LayerRouting layer = balanced(1e-3).make();
  RoutingScratch scratch;
  std::vector<double> batch;
  std::vector<std::uint32_t> summed(64, 0);
  for (std::int64_t step = 0; step < 290; ++step) {
    const LayerStep& done = layer.run_step(step, scratch);
    batch.push_back(test::violation(done.chosen));
    for (std::size_t e = 0; e < 64 && step >= 230; ++e) summed[e] += done.chosen[e];
  }
  expect_near(batch[10], 3.32);
  expect_near(batch[50], 2.29);
  expect_near(batch[100], 1.14);
  const double late = mean_from(batch, 230, 290);
  expect_near(late, 0.068);
  EXPECT_LT(batch[200], 1.5 * 0.068);
  EXPECT_GE(late, floor_of(16384));
  EXPECT_LE(late, 1.3 * floor_of(16384));
  EXPECT_LT(test::violation(summed), late / 5);  // of the steps together: 0.003 in the table
}

TEST(LossFreeBalance, TenTimesTheSpeedSettlesTenTimesEarlierAndFluctuates) {
  const std::vector<double> fast = violations(balanced(1e-2), 110);
  EXPECT_LT(fast[50], 0.3);
  expect_near(mean_from(fast, 60, 110), 0.177);
}

TEST(LossFreeBalance, ASmallBatchStaysAtItsFloor) {
  const std::vector<double> batch = violations(balanced(1e-3, 2048), 420);
  const double late = mean_from(batch, 260, 420);
  expect_near(late, 0.177);
  EXPECT_GE(late, floor_of(2048));
  EXPECT_LE(late, 1.3 * floor_of(2048));
}

// A tenth of the speed is on its way until step 2000: its steps 1000 to 2000 are 100 to 200 of the usual
// speed (SettlingTimeGoesAsOneOverTheSpeed). When the last expert gets there differs from draw to draw, 0.26
// to 0.77 where the start is that of the table, so the mean of such draws is compared.
TEST(LossFreeBalance, ATenthOfTheSpeedIsTooSlow) {
  std::vector<double> means;
  for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
    if (std::abs(starts()[seed - 1] / 3.54 - 1) > kTolerance) continue;
    FunctionalLayer layer = balanced(1e-3, 4096);
    layer.seed = seed;
    means.push_back(mean_from(violations(layer, 200), 100, 200));
  }
  ASSERT_GE(means.size(), 5u);
  expect_near(mean(means), 0.40);
  EXPECT_GT(violations(balanced(1e-4, 4096), 200).back(), 0.8 * 3.54);
}

// Biases move by u a step, so the way to balance is as long in steps as 1 / u.
TEST(LossFreeBalance, SettlingTimeGoesAsOneOverTheSpeed) {
  const double slow = test::settling_step(violations(balanced(2e-3, 4096), 200), 0.3);
  const double fast = test::settling_step(violations(balanced(8e-3, 4096), 100), 0.3);
  EXPECT_NEAR(slow / fast, 4, 0.15 * 4);
}

TEST(LossFreeBalance, FasterIsEarlierAndRougher) {
  std::vector<double> early, late;
  for (const double u : {1e-3, 4e-3, 1.6e-2}) {
    const std::vector<double> batch = violations(balanced(u, 4096), 240);
    early.push_back(batch[20]);
    late.push_back(mean_from(batch, 200, 240));
  }
  EXPECT_GT(early[0], early[1]);
  EXPECT_GT(early[1], early[2]);
  EXPECT_LT(late[0], late[1]);
  EXPECT_LT(late[1], late[2]);
}

// Frozen biases keep the balance of a distribution that stays, and lose that of one that drifts.
TEST(LossFreeBalance, FrozenBiasesKeepTheBalanceUntilExpertsDrift) {
  FunctionalLayer layer = balanced(4e-3, 4096);
  layer.bias.bias_update_steps = 80;
  const std::vector<double> still = violations(layer, 200);
  EXPECT_LT(mean_from(still, 160, 200), 1.2 * mean_from(still, 60, 80));
  layer.affinity.drift = 0.02;
  const std::vector<double> frozen = violations(layer, 200);
  EXPECT_GT(mean_from(frozen, 160, 200), 3 * mean_from(frozen, 60, 80));
  layer.bias.bias_update_steps.reset();
  const std::vector<double> moving = violations(layer, 200);
  EXPECT_LT(mean_from(moving, 160, 200), mean_from(frozen, 160, 200) / 2);
}

TEST(LossFreeBalance, AShiftOfTheDomainUnbalancesUntilBiasesFollow) {
  FunctionalLayer layer = balanced(4e-3, 4096);
  layer.affinity.shifts = {{80, 0.5}};
  const std::vector<double> batch = violations(layer, 200);
  const double before = mean_from(batch, 60, 80);
  EXPECT_LT(before, 0.3);
  EXPECT_GT(batch[80], 1);
  EXPECT_LT(mean_from(batch, 180, 200), 1.2 * before);
}

// The rich get richer: without balancing a few experts end with every token, E / K - 1 = 9.67 above the mean.
TEST(LossFreeBalance, ReinforcedExpertsCollapse) {
  FunctionalLayer layer;
  layer.affinity = AffinitySpec{};
  layer.tokens = 2048;
  layer.reinforcement = 0.05;
  const std::vector<double> free = violations(layer, 150);
  EXPECT_LT(free[0], 0.4);
  EXPECT_GT(free[149], 8);
  EXPECT_LE(free[149], 64.0 / 6 - 1 + 1e-9);
  layer.bias = speed(1e-2);
  EXPECT_LT(violations(layer, 150)[149], free[149] / 2);
}

}  // namespace
}  // namespace moesim
