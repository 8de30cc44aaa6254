#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/routing/balance_losses.hpp"
#include "sim/routing/bias_balance.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

constexpr int kExperts = 64;
constexpr int kTopK = 6;
constexpr std::size_t kTokens = 1024;

double violation(const std::vector<double>& load) {
  return *std::max_element(load.begin(), load.end()) / mean(load) - 1;
}

/// A sigmoid gate of 64 experts, top-6, with bias, on logits N(0, 1) + 0.5 x a fixed N(0, 1) of each expert.
/// Tokens are (A[i] + B[j]) / sqrt 2 of 8,192 drawn rows.
class LossFree {
 public:
  explicit LossFree(double spread = 0.5) : gate_(spec()), bias_(kExperts), offsets_(kExperts) {
    for (std::size_t e = 0; e < kExperts; ++e) offsets_[e] = spread * normal_at(11, 1, e);
    rows_.resize(kRows * kExperts);
    for (std::size_t i = 0; i < rows_.size(); ++i)
      rows_[i] = static_cast<float>(normal_at(11, 2, i) / std::sqrt(2.0));
  }

  /// Loads of one step, whose bias then moves.
  const std::vector<double>& step(double speed, BiasRule rule = BiasRule::sign) {
    for (std::size_t t = 0; t < kTokens; ++t) {
      const std::size_t a = random_.below(kRows / 2);
      const std::size_t b = kRows / 2 + random_.below(kRows / 2);
      for (std::size_t e = 0; e < kExperts; ++e)
        logits_[t * kExperts + e] =
            rows_[a * kExperts + e] + rows_[b * kExperts + e] + static_cast<float>(offsets_[e]);
    }
    gate_.route(logits_, bias_, {}, routed_);
    sums_.clear();
    count_choices({kExperts, kTopK, 1, 1}, routed_.experts, sums_);
    update_bias(rule, speed, sums_.chosen, bias_);
    return sums_.chosen;
  }

  struct Violation {
    double batch;   ///< mean over steps
    double global;  ///< of the summed loads
  };
  Violation run(int steps, double speed, BiasRule rule = BiasRule::sign) {
    std::vector<double> total(kExperts, 0);
    double batch = 0;
    for (int i = 0; i < steps; ++i) {
      const std::vector<double>& load = step(speed, rule);
      batch += violation(load);
      for (std::size_t e = 0; e < kExperts; ++e) total[e] += load[e];
    }
    return {batch / steps, violation(total)};
  }

  /// Steps until a batch violation below `limit`.
  int settle(double speed, double limit) {
    for (int i = 0; i < 10'000; ++i) {
      if (violation(step(speed)) < limit) return i;
    }
    return 10'000;
  }

  void drift(double spread) {
    for (double& offset : offsets_) offset += spread * random_.normal();
  }

 private:
  static constexpr std::size_t kRows = 8192;
  static GateSpec spec() {
    GateSpec spec;
    spec.num_experts = kExperts;
    spec.top_k = kTopK;
    spec.scoring = Scoring::sigmoid;
    spec.has_bias = true;
    return spec;
  }

  Gate gate_;
  std::vector<float> bias_;
  std::vector<double> offsets_;
  std::vector<float> rows_;
  std::vector<float> logits_ = std::vector<float>(kTokens * kExperts);
  RoutedTokens routed_;
  BalanceSums sums_{LossShape{kExperts, kTopK, 1, 1}};
  RandomStream random_{11, 3};
};

/// The mean of the fullest of 64 experts where tokens choose blindly: expected greatest of 64 normals x
/// sqrt((1 - K / E) / (T K / E)) = 2.38 x sqrt(0.906 / 96) = 0.231.
double multinomial_floor() {
  const double mean_load = static_cast<double>(kTokens) * kTopK / kExperts;
  return expected_max_of_normals(kExperts) *
         std::sqrt((1 - static_cast<double>(kTopK) / kExperts) / mean_load);
}

/// The bias of the most popular expert has a way to go whatever u is.
TEST(LossFreeBalancing, SettlesInStepsInverseToTheSpeed) {
  const int slow = LossFree().settle(0.0005, 0.6);
  const int fast = LossFree().settle(0.001, 0.6);
  const int faster = LossFree().settle(0.002, 0.6);
  EXPECT_GT(slow, 50);
  EXPECT_NEAR(slow, 2 * fast, 0.15 * slow);
  EXPECT_NEAR(fast, 2 * faster, 0.15 * fast);
}

TEST(LossFreeBalancing, ReachesTheMultinomialFloor) {
  LossFree gate;
  EXPECT_GT(gate.run(10, 0.001).batch, 1.5);  // unbalanced at first
  gate.run(290, 0.001);
  const auto late = gate.run(300, 0.001);
  EXPECT_GT(late.batch, 0.95 * multinomial_floor());
  EXPECT_LT(late.batch, 1.3 * multinomial_floor());
  EXPECT_LT(late.global, 0.2 * late.batch);
}

/// 0.0001 is not there after 600 steps, 0.01 fluctuates (arXiv 2408.15664, section 4.3).
TEST(LossFreeBalancing, TooSlowAndTooFastAreWorse) {
  const auto late = [](double speed) {
    LossFree gate;
    gate.run(400, speed);
    return gate.run(200, speed);
  };
  const auto slow = late(0.0001), right = late(0.001), fast = late(0.01);
  EXPECT_GT(slow.batch, 2 * right.batch);
  EXPECT_GT(fast.batch, 1.2 * right.batch);
}

TEST(LossFreeBalancing, ProportionalBalancesToo) {
  LossFree gate;
  gate.run(600, 0.01, BiasRule::proportional);
  const auto late = gate.run(200, 0.01, BiasRule::proportional);
  EXPECT_LT(late.batch, 1.3 * multinomial_floor());
  EXPECT_LT(late.global, 0.3 * late.batch);
}

TEST(LossFreeBalancing, FrozenItKeepsBalanceUntilTheDataDrifts) {
  LossFree gate;
  gate.run(400, 0.001);
  const auto frozen = gate.run(200, 0);
  EXPECT_LT(frozen.batch, 1.3 * multinomial_floor());
  gate.drift(0.2);
  const auto drifted = gate.run(200, 0);
  EXPECT_GT(drifted.batch, 2 * frozen.batch);
  EXPECT_GT(drifted.global, 4 * frozen.global);
}

}  // namespace
}  // namespace moesim
