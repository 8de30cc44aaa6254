// Neighbouring tokens: what they have in common, and the share of them with the same favourite expert.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/workloads_affinity/layer.hpp"

namespace moesim {
namespace {

using namespace test;

AffinitySpec persistent(double correlation, std::int64_t tokens) {
  AffinitySpec spec;
  spec.persistence = {correlation, tokens};
  return spec;
}

/// Correlation of the logits of tokens `lag` apart, over all experts; only pairs that `counts` takes.
template <class Counts>
double correlation_of(const std::vector<float>& logits, std::size_t num_experts, std::size_t lag,
                      const Counts& counts) {
  double product = 0;
  double pairs = 0;
  for (std::size_t token = 0; (token + lag) * num_experts < logits.size(); ++token) {
    if (!counts(token)) continue;
    for (std::size_t e = 0; e < num_experts; ++e) {
      product += static_cast<double>(logits[token * num_experts + e]) *
                 static_cast<double>(logits[(token + lag) * num_experts + e]);
    }
    pairs += static_cast<double>(num_experts);
  }
  return product / pairs;
}

// 16,384 tokens x 16 experts in blocks of 8: 2,048 blocks, so 0.3 within 0.3 sqrt(2 / (2,048 x 16)) = 0.0023
// of the common part and 1 / sqrt(100,000) = 0.003 of the rest.
TEST(NeighboursTest, OfABlockHaveTheCorrelation) {
  LayerAffinities layer = layer_of(persistent(0.3, 8), 16);
  layer.begin_step(0);
  const auto logits = logits_of(layer, 0, 16384);
  const auto inside = [](std::size_t lag) {
    return [lag](std::size_t token) { return token % 8 + lag < 8; };
  };
  EXPECT_NEAR(correlation_of(logits, 16, 1, inside(1)), 0.3, 0.018);
  EXPECT_NEAR(correlation_of(logits, 16, 4, inside(4)), 0.3, 0.018);
  EXPECT_NEAR(correlation_of(logits, 16, 8, [](std::size_t) { return true; }), 0, 0.018);
}

TEST(NeighboursTest, ADocumentBeginsABlock) {
  AffinitySpec spec = persistent(1, 64);
  spec.topics.tokens_per_document = 100;  // no topics, yet documents
  LayerAffinities layer = layer_of(spec, 8);
  layer.begin_step(0);
  std::vector<std::int64_t> starts;
  auto last = logits_of(layer, 0, 1);
  for (std::int64_t token = 1; token < 210; ++token) {
    const auto logits = logits_of(layer, token, 1);
    if (logits != last) starts.push_back(token);
    last = logits;
  }
  EXPECT_EQ(starts, (std::vector<std::int64_t>{64, 100, 164, 200}));
}

TEST(NeighboursTest, OfARequestAreItsStepsInDecode) {
  AffinitySpec spec = persistent(1, 4);
  spec.topics.tokens_per_document = 8;
  LayerAffinities layer = layer_of(spec, 8, BatchMode::decode);
  layer.begin_step(0);
  auto last = logits_of(layer, 5, 1);
  for (std::int64_t step = 1; step < 20; ++step) {
    layer.begin_step(step);
    const auto logits = logits_of(layer, 5, 1);
    EXPECT_EQ(logits != last, layer.place_of(5).token % 4 == 0) << step;
    last = logits;
  }
}

double share_of_equal_favourites(double correlation, int num_experts) {
  const auto width = static_cast<std::size_t>(num_experts);
  LayerAffinities layer = layer_of(persistent(correlation, 64), num_experts);
  layer.begin_step(0);
  constexpr std::size_t kTokens = 262144;
  const auto logits = logits_of(layer, 0, kTokens);
  std::size_t equal = 0;
  std::size_t last = width;
  for (std::size_t token = 0; token < kTokens; ++token) {
    const std::size_t now = favourite(std::span(logits).subspan(token * width, width));
    equal += now == last ? 1 : 0;
    last = now;
  }
  return static_cast<double>(equal) / (kTokens - 1);
}

// Mixtral's neighbouring tokens have the same first expert 25 to 28 % of the time, of 8 experts (Mixtral
// of Experts, arXiv 2401.04088). 1/8 by chance has a standard deviation of 0.0006; blocks of 64 tokens
// leave 4,096 independent ones, so of the others 0.003.
TEST(NeighboursTest, ShareTheirFavouriteAsMixtralsDo) {
  EXPECT_NEAR(share_of_equal_favourites(0, 8), 0.125, 0.003);
  EXPECT_NEAR(share_of_equal_favourites(0.35, 8), 0.25, 0.01);
  EXPECT_NEAR(share_of_equal_favourites(0.42, 8), 0.28, 0.01);
}

}  // namespace
}  // namespace moesim
