#include "sim/routing/loss_effect.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

/// Tokens with logits N(0, 1) + 0.5 N(0, 1) of each expert, and the choices of a plain top-k gate.
class Tokens {
 public:
  Tokens(Scoring scoring, int num_tokens, LossShape shape)
      : scoring_(scoring), shape_(shape), offsets_(static_cast<std::size_t>(shape.num_experts)) {
    for (std::size_t j = 0; j < offsets_.size(); ++j) offsets_[j] = 0.5 * normal_at(7, 1, j);
    const auto size = static_cast<std::size_t>(num_tokens) * offsets_.size();
    for (std::size_t i = 0; i < size; ++i) noise_.push_back(normal_at(7, 2, i));
  }

  std::vector<double>& offsets() { return offsets_; }

  std::vector<float> logits() const {
    std::vector<float> out(noise_.size());
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<float>(noise_[i] + offsets_[i % offsets_.size()]);
    return out;
  }

  BalanceSums route() const {
    BalanceSums sums(shape_);
    const std::size_t n = offsets_.size();
    std::vector<std::uint16_t> experts, ids(n);
    for (std::size_t first = 0; first < noise_.size(); first += n) {
      const std::vector<double> x = token(first);
      std::iota(ids.begin(), ids.end(), std::uint16_t{0});
      std::partial_sort(ids.begin(), ids.begin() + shape_.top_k, ids.end(),
                        [&](auto a, auto b) { return x[a] > x[b]; });
      experts.insert(experts.end(), ids.begin(), ids.begin() + shape_.top_k);
    }
    count_choices(shape_, experts, sums);
    sums.scores = score_sums();
    return sums;
  }

  /// [num_experts] sums of s / sum s.
  std::vector<double> score_sums() const {
    const std::size_t n = offsets_.size();
    std::vector<double> sums(n, 0);
    for (std::size_t first = 0; first < noise_.size(); first += n) {
      std::vector<double> s = token(first);
      for (double& x : s) x = scoring_ == Scoring::softmax ? std::exp(x) : 1 / (1 + std::exp(-x));
      const double sum = std::accumulate(s.begin(), s.end(), 0.0);
      for (std::size_t j = 0; j < n; ++j) sums[j] += s[j] / sum;
    }
    return sums;
  }

 private:
  std::vector<double> token(std::size_t first) const {
    std::vector<double> x(offsets_.size());
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = noise_[first + j] + offsets_[j];
    return x;
  }

  Scoring scoring_;
  LossShape shape_;
  std::vector<double> offsets_;
  std::vector<double> noise_;
};

LossSpec deepseek_v2() {
  LossSpec spec;
  spec.expert = 0.003;
  spec.device = 0.05;
  spec.communication = 0.02;
  return spec;
}

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

/// Central differences of sum_i c_i P_i with f, hence c, held.
std::vector<double> differences(Tokens& tokens, const std::vector<double>& c, double num_tokens) {
  constexpr double kStep = 1e-4;
  const auto value = [&] {
    const std::vector<double> scores = tokens.score_sums();
    return std::inner_product(c.begin(), c.end(), scores.begin(), 0.0) / num_tokens;
  };
  std::vector<double> gradient;
  for (double& offset : tokens.offsets()) {
    const double kept = offset;
    offset = kept + kStep;
    const double above = value();
    offset = kept - kStep;
    gradient.push_back((above - value()) / (2 * kStep));
    offset = kept;
  }
  return gradient;
}

class Gradient : public testing::TestWithParam<Scoring> {};

/// The mean field against finite differences over sampled tokens, relative to the gradient's size: within
/// 5 % for softmax, where P (sd p / P)^2 = 1.7 / 64 for the mean expert and more for popular ones; within
/// 0.5 % for sigmoid, whose shares hardly vary: (sd p / P)^2 = 0.17.
TEST_P(Gradient, IsThatOfFiniteDifferences) {
  const LossShape shape{64, 6, 8, 3};
  Tokens tokens(GetParam(), 1000, shape);
  const BalanceSums sums = tokens.route();
  LossMeter meter(deepseek_v2(), shape);
  meter.add(sums);
  const std::vector<double> slopes = score_slopes(GetParam(), tokens.logits(), 64);
  const std::vector<double> found = meter.gradient(slopes);
  const std::vector<double> wanted =
      differences(tokens, loss_coefficients(deepseek_v2(), shape, sums), sums.num_tokens);
  std::vector<double> error;
  for (std::size_t j = 0; j < 64; ++j) error.push_back(found[j] - wanted[j]);
  const double tolerance = GetParam() == Scoring::softmax ? 0.05 : 0.005;
  EXPECT_LT(root_mean_square(error), tolerance * root_mean_square(wanted));
  EXPECT_GT(root_mean_square(wanted), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Scorings, Gradient, testing::Values(Scoring::softmax, Scoring::sigmoid));

/// sigmoid(0) = 1/2: r = 1/2; sigmoid(ln 3) = 3/4: r = 1/4. Softmax: 1.
TEST(ScoreSlopes, ByHand) {
  const std::array<float, 2> logits{0, std::log(3.0F)};
  EXPECT_NEAR(score_slopes(Scoring::sigmoid, logits, 2)[0], 0.5, 1e-7);
  EXPECT_NEAR(score_slopes(Scoring::sigmoid, logits, 2)[1], 0.25, 1e-7);
  EXPECT_EQ(score_slopes(Scoring::softmax, logits, 2), (std::vector<double>{1, 1}));
  EXPECT_THROW(score_slopes(Scoring::sigmoid, {}, 2), std::invalid_argument);
}

/// P = 1/2 1/2, f = 3/2 1/2 (3 of 4 tokens choose expert 0), alpha 0.1: the loss is 0.1, its gradient
/// 0.1 x 1/2 x (3/2 - 1) = 0.025 and -0.025.
TEST(LossMeter, GradientByHand) {
  const LossShape shape{2, 1, 1, 1};
  BalanceSums sums(shape);
  sums.num_tokens = 4;
  sums.chosen = {3, 1};
  sums.scores = {2, 2};
  LossSpec spec;
  spec.expert = 0.1;
  LossMeter meter(spec, shape);
  meter.add(sums);
  EXPECT_DOUBLE_EQ(meter.mean().expert, 0.1);
  EXPECT_NEAR(meter.gradient()[0], 0.025, 1e-15);
  EXPECT_NEAR(meter.gradient()[1], -0.025, 1e-15);
  EXPECT_NEAR(meter.gradient(std::array{0.5, 1.0})[0], 0.0125, 1e-15);
  meter.clear();
  EXPECT_EQ(meter.mean().total(), 0);
  EXPECT_EQ(meter.gradient(), (std::vector<double>{0, 0}));
}

/// Two sequences, each on one expert with 3/4 of its score, are balanced together. alpha 1: the batch's loss
/// is 1; a sequence's is f P = 2 x 3/4 = 1.5.
TEST(LossMeter, SequencesAreNotTheirBatch) {
  const LossShape shape{2, 1, 1, 1};
  BalanceSums first(shape), second(shape), batch(shape);
  first.num_tokens = second.num_tokens = 4;
  first.chosen = {4, 0};
  first.scores = {3, 1};
  second.chosen = {0, 4};
  second.scores = {1, 3};
  (batch += first) += second;
  LossSpec spec;
  spec.expert = spec.sequence = 1;
  LossMeter meter(spec, shape);
  meter.add(batch);
  meter.add_sequence(first);
  meter.add_sequence(second);
  EXPECT_DOUBLE_EQ(meter.mean().expert, 1);
  EXPECT_DOUBLE_EQ(meter.mean().sequence, 1.5);
  EXPECT_EQ(meter.gradient(), (std::vector<double>{0, 0}));  // no expert is ahead over both
}

TEST(LossMeter, AtBalanceNothingMoves) {
  const LossShape shape{64, 6, 8, 3};
  BalanceSums sums(shape);
  sums.num_tokens = 640;
  sums.chosen.assign(64, 60);
  sums.scores.assign(64, 10);
  sums.sent.assign(8, 240);
  LossMeter meter(deepseek_v2(), shape);
  meter.add(sums);
  EXPECT_DOUBLE_EQ(meter.mean().total(), 0.073);
  for (const double g : meter.gradient()) EXPECT_NEAR(g, 0, 1e-18);
}

/// 4 experts, effect 2: 2 x 4 x 0.001 = 0.008 against the gradient; one clamped at 0.05; a tenth back to 1.
TEST(ApplyLosses, ByHand) {
  LossDynamics dynamics{.effect = 2, .pull = 0, .max_step = 0.05};
  std::vector<double> offsets{0, 0, 0.5, 0.5};
  apply_losses(dynamics, std::array{0.001, -0.5, 0.5, 0.0}, std::array{1.0, 1.0, 1.0, 1.0}, offsets);
  EXPECT_NEAR(offsets[0], -0.008, 1e-15);
  EXPECT_NEAR(offsets[1], 0.05, 1e-15);
  EXPECT_NEAR(offsets[2], 0.45, 1e-15);
  EXPECT_EQ(offsets[3], 0.5);
  dynamics.pull = 0.1;
  apply_losses(dynamics, std::array{0.0, 0.0, 0.0, 0.0}, std::array{1.0, 1.0, 1.0, 1.0}, offsets);
  EXPECT_NEAR(offsets[3], 0.55, 1e-15);
  EXPECT_THROW(apply_losses(dynamics, std::array{0.0}, std::array{1.0}, offsets), std::invalid_argument);
}

/// Steps to rest: a stronger loss leaves less imbalance, none leaves the natural one.
TEST(ApplyLosses, StrongerLossesBalanceBetter) {
  const LossShape shape{32, 4, 1, 1};
  const auto violation_at_rest = [&](double alpha) {
    Tokens tokens(Scoring::softmax, 400, shape);
    const std::vector<double> natural = tokens.offsets();
    LossSpec spec;
    spec.expert = alpha;
    const LossDynamics dynamics{.effect = 20, .pull = 0.02, .max_step = 0.05};
    LossMeter meter(spec, shape);
    for (int step = 0; step < 150; ++step) {
      meter.clear();
      meter.add(tokens.route());
      apply_losses(dynamics, meter.gradient(), natural, tokens.offsets());
    }
    const BalanceSums sums = tokens.route();
    return *std::max_element(sums.chosen.begin(), sums.chosen.end()) / mean(sums.chosen) - 1;
  };
  const double none = violation_at_rest(0);
  const double weak = violation_at_rest(0.001);
  const double strong = violation_at_rest(0.01);
  EXPECT_LT(weak, 0.8 * none);
  EXPECT_LT(strong, 0.5 * weak);
}

/// f = 2 1 0: +0.1, 0, -0.1; at the limit nothing grows.
TEST(Reinforce, TheRichGetRicher) {
  std::vector<double> offsets{0, 0.5, 0};
  reinforce(0.1, std::array{20.0, 10.0, 0.0}, offsets);
  EXPECT_NEAR(offsets[0], 0.1, 1e-15);
  EXPECT_EQ(offsets[1], 0.5);
  EXPECT_NEAR(offsets[2], -0.1, 1e-15);
  for (int step = 0; step < 1000; ++step) reinforce(0.1, std::array{20.0, 10.0, 0.0}, offsets);
  EXPECT_EQ(offsets[0], kReinforcedLimit);
  EXPECT_EQ(offsets[2], -kReinforcedLimit);
  reinforce(0.1, std::array{0.0, 0.0, 0.0}, offsets);
  EXPECT_EQ(offsets[1], 0.5);
}

/// Without balancing a gate collapses: from small differences the top experts end with nearly all tokens.
TEST(Reinforce, CollapsesAGate) {
  const LossShape shape{32, 4, 1, 1};
  Tokens tokens(Scoring::softmax, 300, shape);
  const auto largest_share = [&] {
    BalanceSums sums = tokens.route();
    std::sort(sums.chosen.begin(), sums.chosen.end(), std::greater<>());
    return std::accumulate(sums.chosen.begin(), sums.chosen.begin() + 4, 0.0) / (4 * sums.num_tokens);
  };
  EXPECT_LT(largest_share(), 0.5);
  for (int step = 0; step < 200; ++step) reinforce(0.05, tokens.route().chosen, tokens.offsets());
  EXPECT_GT(largest_share(), 0.95);
}

}  // namespace
}  // namespace moesim
