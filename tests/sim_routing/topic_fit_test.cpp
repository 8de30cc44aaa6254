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
void record(const std::filesystem::path& path, AffinitySpec affinity, int num_documents) {
  affinity.topics.tokens_per_document = kDocument;
  const auto num_tokens = static_cast<std::size_t>(num_documents * kDocument);
  const auto pool = std::make_shared<const NoisePool>(64, 9, 4096);
  std::vector<std::uint16_t> ids(num_tokens * kLayers * 6);
  for (int layer = 0; layer < kLayers; ++layer) {
    LayerAffinities affinities(affinity, 64, 9, layer, pool);
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

TopicFit fit(const AffinitySpec& affinity, int num_topics = 32) {
  const test::OwnFile file("recorded.npy");
  record(file.path(), affinity, 150);
  ExpertIdsReader reader(file.path(), {0, 0, 64});
  TopicFitOptions options;
  options.tokens_per_document = kDocument;
  options.num_topics = num_topics;
  return fit_topics(reader, kGate, options);
}

/// A known spread is found again within 15 %, and its interval holds it.
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
