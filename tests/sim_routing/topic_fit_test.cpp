#include "sim/routing/topic_fit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/own_file.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {
namespace {

const GateSpec kGate{64, 6, 1, 1, Scoring::softmax, GroupScore::none};
constexpr std::int64_t kDocument = 256;
constexpr int kLayers = 4;

/// Writes the choices of `num_documents` documents in four layers of given affinities.
void record(const std::filesystem::path& path, AffinitySpec affinity, int num_documents,
            std::uint64_t seed = 9) {
  affinity.topics.tokens_per_document = kDocument;
  const auto num_tokens = static_cast<std::size_t>(num_documents * kDocument);
  const auto pool = std::make_shared<const NoisePool>(64, seed, 4096);
  std::vector<std::uint16_t> ids(num_tokens * kLayers * 6);
  for (int layer = 0; layer < kLayers; ++layer) {
    LayerAffinities affinities(affinity, 64, seed, layer, pool);
    affinities.begin_step(0);
    std::vector<float> logits(num_tokens * 64);
    affinities.logits(0, num_tokens, logits);
    RoutedTokens routed;
    Gate(kGate).route(logits, {}, {}, routed);
    for (std::size_t token = 0; token < num_tokens; ++token) {
      std::copy_n(routed.experts.begin() + static_cast<std::ptrdiff_t>(token * 6), 6,
                  ids.begin() + static_cast<std::ptrdiff_t>((token * kLayers + layer) * 6));
    }
  }
  ExpertIdsWriter writer(path, {kLayers, 6, 64}, static_cast<std::int64_t>(num_tokens));
  writer.add(ids);
  writer.commit();
}

TopicFit fit(const AffinitySpec& affinity, int num_topics = 32, std::uint64_t seed = 9) {
  const test::OwnFile file("recorded.npy");
  record(file.path(), affinity, 150, seed);
  ExpertIdsReader reader(file.path(), {0, 0, 64});
  TopicFitOptions options;
  options.tokens_per_document = kDocument;
  options.num_topics = num_topics;
  return fit_topics(reader, kGate, options);
}

/// A known spread is found again within 15 %.
TEST(TopicFit, FindsTheSpread) {
  for (const double spread : {0.15, 0.3, 0.6}) {
    AffinitySpec affinity;
    affinity.topics = {32, spread};
    const TopicFit found = fit(affinity);
    EXPECT_EQ(found.num_layers, kLayers);
    EXPECT_EQ(found.num_documents, 150);
    EXPECT_NEAR(found.spread.value, spread, 0.15 * spread);
    EXPECT_LT(found.spread.low, found.spread.value);
    EXPECT_GT(found.spread.high, found.spread.value);
    EXPECT_LT(found.sigma.value, 0.1);
  }
}

TEST(TopicFit, FindsThePopularity) {
  AffinitySpec affinity;
  affinity.topics = {32, 0.3};
  affinity.popularity = {PopularityLaw::logit_normal, 0.4};
  const TopicFit found = fit(affinity);
  EXPECT_NEAR(found.sigma.value, 0.4, 0.15 * 0.4);
  EXPECT_NEAR(found.spread.value, 0.3, 0.15 * 0.3);
}

/// Of recordings that differ in all their draws, the intervals from the 5th to the 95th percentile hold the
/// truth in at least 7 of 10 cases: with nine in ten, fewer come once in eighty times.
TEST(TopicFit, IntervalsHoldTheTruth) {
  AffinitySpec affinity;
  affinity.topics = {32, 0.3};
  affinity.popularity = {PopularityLaw::logit_normal, 0.4};
  int spreads = 0, sigmas = 0;
  for (std::uint64_t seed = 11; seed < 21; ++seed) {
    const TopicFit found = fit(affinity, 32, seed);
    spreads += found.spread.low <= 0.3 && 0.3 <= found.spread.high ? 1 : 0;
    sigmas += found.sigma.low <= 0.4 && 0.4 <= found.sigma.high ? 1 : 0;
    EXPECT_LT(found.spread.high - found.spread.low, 0.1 * 0.3);
    EXPECT_LT(found.sigma.high - found.sigma.low, 0.3 * 0.4);
  }
  EXPECT_GE(spreads, 7);
  EXPECT_GE(sigmas, 7);
}

/// Choices of six of 64 experts reach more than the two groups of eight that such a gate would keep.
TEST(TopicFit, CountsChoicesBeyondTheGroupLimit) {
  const test::OwnFile file("beyond.npy");
  record(file.path(), {}, 4);
  GateSpec gate = kGate;
  gate.num_groups = 8;
  gate.topk_groups = 2;
  gate.group_score = GroupScore::best;
  TopicFitOptions options;
  options.tokens_per_document = kDocument;
  ExpertIdsReader reader(file.path(), {0, 0, 64}), again(file.path(), {0, 0, 64});
  EXPECT_GT(fit_topics(reader, gate, options).beyond_groups, 0);
  EXPECT_EQ(fit_topics(again, kGate, options).beyond_groups, 0);
}

/// Noise that blocks of a document share is no topic.
TEST(TopicFit, IsNotMisledByPersistence) {
  AffinitySpec affinity;
  affinity.topics = {32, 0.3};
  affinity.persistence = {0.3, 8};
  EXPECT_NEAR(fit(affinity).spread.value, 0.3, 0.15 * 0.3);
}

TEST(TopicFit, WithoutTopicsThereIsHardlyASpread) {
  EXPECT_LT(fit({}).spread.value, 0.05);
}

TEST(TopicFit, NeedsFourDocuments) {
  const test::OwnFile file("three.npy");
  record(file.path(), {}, 3);
  ExpertIdsReader reader(file.path(), {0, 0, 64});
  TopicFitOptions options;
  options.tokens_per_document = kDocument;
  EXPECT_THROW(fit_topics(reader, kGate, options), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
