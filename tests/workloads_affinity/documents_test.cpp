// Documents and requests: topics that their tokens agree on.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "tests/workloads_affinity/layer.hpp"

namespace moesim {
namespace {

using namespace test;

/// Topics alone: no noise of tokens.
AffinitySpec topics_alone(int count, double concentration, std::int64_t tokens_per_document) {
  AffinitySpec spec;
  spec.topics = {count, 0.5, concentration, tokens_per_document};
  spec.token_sigma = 0;
  return spec;
}

std::vector<float> row_of(const LayerAffinities& layer, std::int64_t token) {
  return logits_of(layer, token, 1);
}

TEST(DocumentsTest, TokensOfADocumentAgree) {
  LayerAffinities layer = layer_of(topics_alone(5, 0.4, 100), 12);
  layer.begin_step(0);
  EXPECT_EQ(row_of(layer, 0), row_of(layer, 99));
  EXPECT_NE(row_of(layer, 99), row_of(layer, 100));
  const auto first = row_of(layer, 0);
  layer.begin_step(1);
  EXPECT_NE(row_of(layer, 0), first);
}

TEST(DocumentsTest, OfOneTopicAreAlikeAndTopicsAreDrawnEvenly) {
  LayerAffinities layer = layer_of(topics_alone(5, 0, 1), 12);
  layer.begin_step(0);
  const auto logits = logits_of(layer, 0, 10000);
  std::map<std::vector<float>, int> topics;
  for (auto at = logits.begin(); at != logits.end(); at += 12) ++topics[std::vector<float>(at, at + 12)];
  ASSERT_EQ(topics.size(), 5U);
  for (const auto& topic : topics)
    EXPECT_NEAR(topic.second, 2000, 4.5 * 40);  // sqrt(10,000 x 0.2 x 0.8) = 40
}

// Over 20,000 documents the variance of an expert's logit is 0.25 whatever the concentration, and its mean 0.
// Of variances the standard deviation is at most 0.25 sqrt(2 / 20,000) times the square root of half the
// kurtosis, which is below 2: 0.005; 4.5 of them.
TEST(DocumentsTest, TheirSpreadHoldsForEveryConcentration) {
  for (const double concentration : {0.0, 0.05, 1.0, 30.0}) {
    LayerAffinities layer = layer_of(topics_alone(10, concentration, 1), 6);
    layer.begin_step(0);
    const auto logits = logits_of(layer, 0, 20000);
    for (std::size_t e = 0; e < 6; ++e) {
      const Moments moments = moments_of(column_of(logits, 6, e));
      EXPECT_NEAR(moments.mean, 0, 4.5 * 0.5 / std::sqrt(20000.0)) << concentration;
      EXPECT_NEAR(moments.variance, 0.25, 4.5 * 0.005) << concentration;
    }
  }
}

// Dirichlet(a, ..., a) over n: mean 1 / n, variance (n - 1) / (n^2 (n a + 1)).
TEST(DocumentsTest, WeightsAreOfADirichletAndTheSameInEveryLayer) {
  const Topics topics{4, 0.5, 0.5, 100};
  const DocumentTopics one(topics, 8, kSeed, 0);
  const DocumentTopics other(topics, 8, kSeed, 1);
  std::vector<double> first;
  for (std::uint64_t document = 0; document < 20000; ++document) {
    const auto weights = one.weights(document);
    EXPECT_EQ(weights, other.weights(document));
    EXPECT_NEAR(weights[0] + weights[1] + weights[2] + weights[3], 1, 1e-12);
    first.push_back(weights[0]);
  }
  EXPECT_NEAR(moments_of(first).mean, 0.25, 0.008);
  EXPECT_NEAR(moments_of(first).variance, 3.0 / 16 / 3, 0.0025);
}

TEST(DocumentsTest, TinyConcentrationsComeToOneTopic) {
  for (const double concentration : {1e-4, 1e-12, 1e-308}) {
    const DocumentTopics topics({4, 0.5, concentration, 100}, 8, kSeed, 0);
    int single = 0;
    for (std::uint64_t document = 0; document < 1000; ++document) {
      const auto weights = topics.weights(document);
      single += *std::max_element(weights.begin(), weights.end()) > 0.999 ? 1 : 0;
    }
    EXPECT_GT(single, 990) << concentration;
  }
}

TEST(DocumentsTest, TopicsPreferNoExpert) {
  LayerAffinities layer = layer_of(topics_alone(7, 0, 1), 5);
  layer.begin_step(0);
  const auto logits = logits_of(layer, 0, 2000);
  for (std::size_t e = 0; e < 5; ++e) {
    const auto column = column_of(logits, 5, e);
    const std::set<float> values(column.begin(), column.end());
    ASSERT_EQ(values.size(), 7U);
    const Moments moments = moments_of(values);
    EXPECT_NEAR(moments.mean, 0, 1e-6);
    EXPECT_NEAR(moments.variance, 0.25, 1e-6);
  }
}

TEST(DecodeTest, ARequestKeepsItsTopicUntilItEnds) {
  LayerAffinities layer = layer_of(topics_alone(1000, 0, 10), 12, BatchMode::decode);
  std::vector<std::vector<float>> rows;  // of slot 3, by step
  std::vector<std::int64_t> places;
  for (std::int64_t step = 0; step < 25; ++step) {
    layer.begin_step(step);
    rows.push_back(row_of(layer, 3));
    places.push_back(layer.place_of(3).token);
  }
  int ended = 0;
  for (std::size_t step = 1; step < 25; ++step) {
    const bool ends = places[step] == 0;
    EXPECT_EQ(places[step], (places[step - 1] + 1) % 10);
    EXPECT_EQ(rows[step] == rows[step - 1], !ends) << step;
    ended += ends ? 1 : 0;
  }
  EXPECT_GE(ended, 2);
}

TEST(DecodeTest, KeptMixturesChangeNothing) {
  LayerAffinities plain = layer_of(topics_alone(6, 0.3, 5), 12, BatchMode::decode);
  LayerAffinities keeping = layer_of(topics_alone(6, 0.3, 5), 12, BatchMode::decode);
  for (std::int64_t step = 0; step < 20; ++step) {
    plain.begin_step(step);
    keeping.begin_step(step, step < 10 ? 30 : 40);  // fewer than the 50 slots that are read
    ASSERT_EQ(logits_of(keeping, 0, 50), logits_of(plain, 0, 50)) << step;
  }
}

TEST(DecodeTest, SlotsAreStaggeredAndApart) {
  LayerAffinities layer = layer_of(topics_alone(1000, 0, 10), 12, BatchMode::decode);
  layer.begin_step(0);
  std::vector<int> places(10, 0);
  std::set<std::uint64_t> documents;
  for (std::int64_t slot = 0; slot < 10000; ++slot) {
    ++places[static_cast<std::size_t>(layer.place_of(slot).token)];
    documents.insert(layer.place_of(slot).document);
  }
  for (const int slots : places) EXPECT_NEAR(slots, 1000, 4.5 * 30);  // sqrt(10,000 x 0.1 x 0.9) = 30
  EXPECT_EQ(documents.size(), 10000U);
}

}  // namespace
}  // namespace moesim
