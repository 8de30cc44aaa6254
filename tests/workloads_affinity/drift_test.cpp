// Popularity that moves: drift, domain shifts, and what the caller adds.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "base/error.hpp"
#include "tests/workloads_affinity/layer.hpp"

namespace moesim {
namespace {

using namespace test;

AffinitySpec drifting(PopularityLaw law, double sigma, double drift) {
  AffinitySpec spec;
  spec.popularity.law = law;
  spec.popularity.sigma = sigma;
  spec.drift = drift;
  return spec;
}

LayerAffinities layer_without_noise(const AffinitySpec& spec, int num_experts) {
  return {spec, num_experts, kSeed, 0, nullptr};
}

std::vector<double> offsets_of(const LayerAffinities& layer) {
  return {layer.offsets().begin(), layer.offsets().end()};
}

void run_to(LayerAffinities& layer, std::int64_t last) {
  for (std::int64_t step = layer.step() + 1; step <= last; ++step) layer.begin_step(step);
}

// 20,000 experts stand for an ensemble: variance 0.25 within 0.25 sqrt(2 / 20,000) = 0.0025, 4 of which are
// allowed, and a correlation over n steps of (1 - (0.05 / 0.5)^2)^(n / 2) = 0.99^50 = 0.605 at 100 steps.
TEST(DriftTest, TendsBackSoThatTheSpreadStays) {
  LayerAffinities layer = layer_without_noise(drifting(PopularityLaw::logit_normal, 0.5, 0.05), 20000);
  layer.begin_step(0);
  const auto first = offsets_of(layer);
  layer.begin_step(1);
  const auto second = offsets_of(layer);
  run_to(layer, 100);
  const auto last = offsets_of(layer);
  EXPECT_NEAR(moments_of(last).variance, 0.25, 0.01);
  double product = 0;
  double squares = 0;
  for (std::size_t e = 0; e < first.size(); ++e) {
    product += first[e] * last[e];
    squares += (second[e] - first[e]) * (second[e] - first[e]);
  }
  EXPECT_NEAR(product / 20000 / 0.25, 0.605, 0.03);
  // A step changes by 2 s^2 (1 - sqrt(0.99)) = 0.002506 in the mean of squares.
  EXPECT_NEAR(squares / 20000, 0.002506, 0.0001);
}

TEST(DriftTest, OfEvenPopularityIsARandomWalk) {
  LayerAffinities layer = layer_without_noise(drifting(PopularityLaw::even, 0, 0.05), 20000);
  run_to(layer, 100);
  EXPECT_NEAR(moments_of(offsets_of(layer)).variance, 100 * 0.0025, 0.01);
}

TEST(DriftTest, OfSharesGoesOnFromTheSolvedOffsets) {
  LayerAffinities layer = layer_without_noise(drifting(PopularityLaw::lognormal, 1, 0.1), 20000);
  layer.begin_step(0);
  for (std::size_t e = 0; e < 20000; ++e) layer.offsets()[e] = -3 + (e % 2 == 0 ? 0.4 : -0.4);
  layer.begin_step(0);
  run_to(layer, 60);
  const Moments moments = moments_of(offsets_of(layer));
  EXPECT_NEAR(moments.mean, -3, 0.012);
  EXPECT_NEAR(moments.variance, 0.16, 0.0065);
}

TEST(DriftTest, LargerThanTheSpreadOfSolvedOffsetsIsRefused) {
  LayerAffinities layer = layer_without_noise(drifting(PopularityLaw::zipf, 0, 0.5), 8);
  layer.begin_step(0);
  for (std::size_t e = 0; e < 8; ++e) layer.offsets()[e] = e % 2 == 0 ? 0.4 : -0.4;
  layer.begin_step(0);
  try {
    layer.begin_step(1);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, "/drift");
    EXPECT_NE(error.what_text.find("layer 0 is 0.4"), std::string::npos) << error.what_text;
  }
}

TEST(DriftTest, LeavesAloneWhatTheCallerAdds) {
  LayerAffinities plain = layer_without_noise(drifting(PopularityLaw::logit_normal, 0.5, 0.1), 16);
  LayerAffinities changed = layer_without_noise(drifting(PopularityLaw::logit_normal, 0.5, 0.1), 16);
  run_to(plain, 5);
  run_to(changed, 5);
  changed.offsets()[2] += 7;
  run_to(plain, 50);
  run_to(changed, 50);
  for (std::size_t e = 0; e < 16; ++e) {
    EXPECT_NEAR(changed.offsets()[e], plain.offsets()[e] + (e == 2 ? 7 : 0), 1e-9);
  }
}

TEST(DomainShiftTest, ComesAtItsStepAndStays) {
  AffinitySpec spec;
  spec.shifts = {{3, 0.2}, {5, 0.1}};
  LayerAffinities layer = layer_without_noise(spec, 20000);
  run_to(layer, 2);
  EXPECT_EQ(offsets_of(layer), std::vector<double>(20000, 0.0));
  run_to(layer, 3);
  const auto shifted = offsets_of(layer);
  EXPECT_NEAR(moments_of(shifted).variance, 0.04, 0.0016);
  run_to(layer, 4);
  EXPECT_EQ(offsets_of(layer), shifted);
  run_to(layer, 5);
  EXPECT_NEAR(moments_of(offsets_of(layer)).variance, 0.05, 0.002);
}

TEST(DriftTest, StepsComeInOrder) {
  LayerAffinities layer = layer_without_noise({}, 4);
  EXPECT_THROW(layer.begin_step(1), std::invalid_argument);
  layer.begin_step(0);
  layer.begin_step(0);
  EXPECT_THROW(layer.begin_step(2), std::invalid_argument);
  layer.begin_step(1);
  EXPECT_THROW(layer.begin_step(1), std::invalid_argument);
  EXPECT_THROW(layer.begin_step(0), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
