#include "workloads/affinity/affinity_source.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <thread>

#include "tests/workloads_affinity/layer.hpp"

namespace moesim {
namespace {

using namespace test;

AffinitySpec with_all_parts() {
  AffinitySpec spec;
  spec.popularity.law = PopularityLaw::logit_normal;
  spec.popularity.sigma = 0.5;
  spec.topics = {8, 0.4, 0.3, 100};
  spec.persistence = {0.3, 16};
  spec.drift = 0.05;
  spec.shifts = {{2, 0.3}};
  return spec;
}

/// A layer at step 3, after drift and a shift.
LayerAffinities at_step_three(BatchMode mode, int layer = 0) {
  LayerAffinities affinities = layer_of(with_all_parts(), 24, mode, layer);
  for (int step = 0; step <= 3; ++step) affinities.begin_step(step);
  return affinities;
}

class AffinitiesInMode : public testing::TestWithParam<BatchMode> {};

TEST_P(AffinitiesInMode, AreTheSameHoweverTokensAreSplit) {
  const LayerAffinities layer = at_step_three(GetParam());
  const auto whole = logits_of(layer, 0, 500);
  for (const std::size_t n : {1U, 3U, 64U, 137U}) {
    for (std::size_t first = 0; first < 500; first += n) {
      const std::size_t count = std::min(n, 500 - first);
      const auto part = logits_of(layer, static_cast<std::int64_t>(first), count);
      ASSERT_TRUE(
          std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first * 24)))
          << first << " " << n;
    }
  }
}

TEST_P(AffinitiesInMode, AreTheSameInEveryThread) {
  const LayerAffinities layer = at_step_three(GetParam());
  const auto whole = logits_of(layer, 0, 400);
  std::vector<float> parts(whole.size());
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      layer.logits(static_cast<std::int64_t>(100 * i), 100, std::span(parts).subspan(100 * i * 24, 2400));
    });
  }
  threads.clear();
  EXPECT_EQ(parts, whole);
}

TEST_P(AffinitiesInMode, FollowSeedLayerAndStep) {
  LayerAffinities layer = at_step_three(GetParam());
  const auto once = logits_of(layer, 0, 10);
  EXPECT_EQ(logits_of(at_step_three(GetParam()), 0, 10), once);
  EXPECT_NE(logits_of(at_step_three(GetParam(), 1), 0, 10), once);
  layer.begin_step(4);
  EXPECT_NE(logits_of(layer, 0, 10), once);
}

INSTANTIATE_TEST_SUITE_P(Modes, AffinitiesInMode, testing::Values(BatchMode::training, BatchMode::decode),
                         [](const auto& info) { return info.index == 0 ? "training" : "decode"; });

// 20,000 tokens x 32 experts of mean 0 and variance 1.5^2: the mean of an expert has a standard deviation of
// 1.5 / sqrt(20,000) = 0.0106 and its variance one of 2.25 sqrt(2 / 20,000) = 0.0225; 4.5 of each are
// allowed.
TEST(LayerAffinitiesTest, TokenNoiseHasItsMoments) {
  for (const double correlation : {0.0, 0.4}) {
    AffinitySpec spec;
    spec.token_sigma = 1.5;
    spec.persistence = {correlation, 2};
    LayerAffinities layer = layer_of(spec, 32);
    layer.begin_step(0);
    const auto logits = logits_of(layer, 0, 20000);
    for (std::size_t e = 0; e < 32; ++e) {
      const Moments moments = moments_of(column_of(logits, 32, e));
      // Pairs of tokens share a part of the noise: the effective number falls to 1 / (1 + correlation) at
      // least.
      EXPECT_NEAR(moments.mean, 0, 0.048 * std::sqrt(1 + correlation));
      EXPECT_NEAR(moments.variance, 2.25, 0.101 * std::sqrt(1 + correlation));
    }
  }
}

TEST(LayerAffinitiesTest, ExpertsAreIndependentOfEachOther) {
  LayerAffinities layer = layer_of({}, 16);
  layer.begin_step(0);
  const auto logits = logits_of(layer, 0, 40000);
  for (std::size_t e = 1; e < 16; ++e) {
    double product = 0;
    for (std::size_t at = 0; at < logits.size(); at += 16) {
      product += static_cast<double>(logits[at]) * static_cast<double>(logits[at + e]);
    }
    // 4.5 / sqrt(40,000) of chance; the columns of a pool of 256 rows have correlations of 1 / sqrt(255) on
    // each side, turns leave 1 / 16 of their squares: 0.016 / sqrt(2) more.
    EXPECT_NEAR(product / 40000, 0, 0.0225 + 4.5 * 0.011);
  }
}

TEST(LayerAffinitiesTest, PopularityIsDrawnForEachLayer) {
  AffinitySpec spec;
  spec.popularity.law = PopularityLaw::logit_normal;
  spec.popularity.sigma = 0.5;
  std::vector<double> all;
  for (int layer = 0; layer < 40; ++layer) {
    const LayerAffinities affinities(spec, 256, kSeed, layer, nullptr);
    all.insert(all.end(), affinities.offsets().begin(), affinities.offsets().end());
  }
  EXPECT_NE(all[0], all[256]);
  const Moments moments = moments_of(all);  // 10,240 values: standard deviations 0.005 and 0.0035
  EXPECT_NEAR(moments.mean, 0, 0.02);
  EXPECT_NEAR(moments.variance, 0.25, 0.015);
}

TEST(LayerAffinitiesTest, OffsetsAreAddedAsTheyStand) {
  LayerAffinities layer = layer_of({}, 8);
  layer.begin_step(0);
  const auto before = logits_of(layer, 0, 5);
  layer.offsets()[3] += 2;
  const auto after = logits_of(layer, 0, 5);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_FLOAT_EQ(after[i], before[i] + (i % 8 == 3 ? 2.0F : 0.0F));
  }
}

TEST(LayerAffinitiesTest, RefusesWhatIsNoUse) {
  EXPECT_THROW(LayerAffinities({}, 0, 1, 0, nullptr), std::invalid_argument);
  EXPECT_THROW(LayerAffinities({}, 8, 1, -1, nullptr), std::invalid_argument);
  EXPECT_THROW(LayerAffinities({}, 8, 1, 0, pool_of(16)), std::invalid_argument);
  LayerAffinities layer = layer_of({}, 8);
  std::vector<float> out(16);
  EXPECT_THROW(layer.logits(0, 2, out), std::invalid_argument);
  layer.begin_step(0);
  EXPECT_NO_THROW(layer.logits(0, 2, out));
  EXPECT_THROW(layer.logits(0, 3, out), std::invalid_argument);
  EXPECT_THROW(layer.logits(-1, 2, out), std::invalid_argument);
  EXPECT_THROW(layer.logits(std::int64_t{1} << 31, 2, out), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
