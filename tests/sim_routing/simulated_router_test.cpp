#include "sim/routing/simulated_router.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include <numeric>

namespace moesim {
namespace {

const GateSpec kV3{256, 8, 8, 4, Scoring::sigmoid, GroupScore::sum_of_two_best, true, true, 2.5};
const RoutingGroup kEp64 = routing_group({256, 8, 8, 4, GroupScore::sum_of_two_best}, 64, 8);

/// 64 documents of 512 tokens, 64 topics.
SimulatedRouting routing(double spread) {
  SimulatedRouting r;
  r.gate = kV3;
  r.affinity.topics = {64, spread, 0, 512};
  r.num_layers = 1;
  r.tokens_per_rank = 512;
  r.seed = 4;
  return r;
}

RoutedLoad fast(const SimulatedRouting& r, const RoutingGroup& group = kEp64) {
  return make_simulated_router(r)->route(group);
}

void expect_close(const RoutedLoad& one, const RoutedLoad& other, double within) {
  EXPECT_NEAR(one.rank_max_over_mean / other.rank_max_over_mean, 1, within);
  EXPECT_NEAR(one.node_max_over_mean / other.node_max_over_mean, 1, within);
  EXPECT_NEAR(one.nic_max_over_mean / other.nic_max_over_mean, 1, 1.5 * within);
  EXPECT_NEAR(one.nodes_per_token / other.nodes_per_token, 1, 0.01);
  EXPECT_NEAR(one.ranks_per_token / other.ranks_per_token, 1, 0.01);
}

struct Twin {
  const char* name;
  void (*change)(SimulatedRouting&);
  double within;
};
class Twins : public testing::TestWithParam<Twin> {};

/// The mean matrices against routing every token, over the same documents.
TEST_P(Twins, AreAlike) {
  SimulatedRouting r = routing(0.4);
  r.num_micro_batches = 12;
  GetParam().change(r);
  expect_close(fast(r), make_direct_router(r)->route(kEp64), GetParam().within);
}

INSTANTIATE_TEST_SUITE_P(
    Affinities, Twins,
    testing::Values(Twin{"Topics", [](SimulatedRouting&) {}, 0.02},
                    Twin{"NoTopics",
                         [](SimulatedRouting& r) {
                           r.affinity.topics = {0, 0, 0, 512};
                         },
                         0.02},
                    Twin{"WideTopics", [](SimulatedRouting& r) { r.affinity.topics.spread = 0.8; }, 0.03},
                    Twin{"Popularity",
                         [](SimulatedRouting& r) {
                           r.affinity.popularity = {PopularityLaw::logit_normal, 0.5};
                         },
                         0.02},
                    Twin{"Unbalanced",
                         [](SimulatedRouting& r) {
                           r.affinity.popularity = {PopularityLaw::logit_normal, 0.3};
                           r.balancing = Balancing::none;
                         },
                         0.03},
                    Twin{"SharesOfALaw",
                         [](SimulatedRouting& r) {
                           r.affinity.popularity = {PopularityLaw::lognormal, 0.5};
                           r.balancing = Balancing::none;
                         },
                         0.03},
                    Twin{"Persistence",
                         [](SimulatedRouting& r) {
                           r.affinity.persistence = {0.2, 16};
                         },
                         0.03},
                    Twin{"QuieterTokens", [](SimulatedRouting& r) { r.affinity.token_sigma = 0.5; }, 0.03}),
    [](const auto& info) { return std::string(info.param.name); });

/// Mixtures are a sample of classes, so only the mean over many documents agrees.
TEST(SimulatedRouter, MixturesOfTopics) {
  SimulatedRouting r = routing(0.4);
  r.affinity.topics.concentration = 0.3;
  r.num_micro_batches = 24;
  const RoutedLoad direct = make_direct_router(r)->route(kEp64);
  EXPECT_NEAR(fast(r).rank_max_over_mean / direct.rank_max_over_mean, 1, 0.03);
}

/// Without topics only the choices' own noise is left: 64 ranks of N K / 64 choices of 4 experts each, the
/// greatest of 64 normals 2.39 standard deviations above the mean.
TEST(SimulatedRouter, WithoutTopicsIsTheMultinomialFloor) {
  SimulatedRouting r = routing(0);
  const double per_rank = 512 * 8;
  const double sd = std::sqrt((1 - 1.0 / 32) / per_rank);
  EXPECT_NEAR(fast(r).rank_max_over_mean - 1, 2.388 * sd, 0.1 * 2.388 * sd);
}

/// Sums of independent noise even out with the root of the tokens.
TEST(SimulatedRouter, TheFloorFallsWithTokens) {
  SimulatedRouting r = routing(0);
  const double few = fast(r).rank_max_over_mean - 1;
  r.tokens_per_rank *= 16;
  EXPECT_NEAR((fast(r).rank_max_over_mean - 1) / few, 0.25, 0.01);
}

TEST(SimulatedRouter, TopicsMakeRanksAndNodesUneven) {
  double rank = 1, nic = 1;
  for (const double spread : {0.0, 0.2, 0.4, 0.8}) {
    const RoutedLoad load = fast(routing(spread));
    EXPECT_GT(load.rank_max_over_mean, rank);
    EXPECT_GT(load.nic_max_over_mean, nic);
    EXPECT_LT(load.node_max_over_mean, load.rank_max_over_mean);
    EXPECT_LT(load.node_max_over_mean, load.nic_max_over_mean);
    EXPECT_LE(load.rank_interval.p10, load.rank_max_over_mean);
    EXPECT_GE(load.rank_interval.p90, load.rank_max_over_mean);
    rank = load.rank_max_over_mean;
    nic = load.nic_max_over_mean;
  }
}

/// Documents are what evens topics out: four times as many halve the excess.
TEST(SimulatedRouter, DocumentsEvenTopicsOut) {
  SimulatedRouting r = routing(0.4);
  r.tokens_per_rank = 4096;
  r.affinity.topics.tokens_per_document = 4096;
  const double long_ones = fast(r).rank_max_over_mean - 1;
  r.affinity.topics.tokens_per_document = 1024;
  EXPECT_NEAR((fast(r).rank_max_over_mean - 1) / long_ones, 0.5, 0.06);
}

/// Experts of fewer ranks even each other out: twice as many ranks have the greater excess.
TEST(SimulatedRouter, MoreRanksAreLessEven) {
  const RoutingGroup ep32 = routing_group({256, 8, 8, 4, GroupScore::sum_of_two_best}, 32, 4);
  SimulatedRouting r = routing(0.4);
  const double of_64 = fast(r).rank_max_over_mean;
  r.tokens_per_rank *= 2;  // the same documents
  EXPECT_GT(of_64, fast(r, ep32).rank_max_over_mean);
}

TEST(SimulatedRouter, PopularityIsEvenedByABiasAlone) {
  SimulatedRouting r = routing(0);
  r.affinity.popularity = {PopularityLaw::logit_normal, 0.5};
  const double settled = fast(r).rank_max_over_mean;
  r.balancing = Balancing::none;
  EXPECT_GT(fast(r).rank_max_over_mean, settled + 0.5);
}

/// Where logits decide alone, offsets even the load as a bias does.
TEST(SimulatedRouter, GatesWithoutABiasSettleToo) {
  SimulatedRouting r = routing(0);
  r.gate = {128, 8, 1, 1, Scoring::softmax, GroupScore::none, true};
  r.affinity.popularity = {PopularityLaw::logit_normal, 0.5};
  const RoutingGroup group = routing_group({128, 8, 1, 1, GroupScore::none}, 16, 2);
  EXPECT_LT(fast(r, group).rank_max_over_mean, 1.06);
}

TEST(SimulatedRouter, OneRankOrNodeIsNeverFuller) {
  const RoutingGroup one = routing_group({256, 8, 8, 4, GroupScore::sum_of_two_best}, 1, 1);
  EXPECT_EQ(fast(routing(0.4), one).rank_max_over_mean, 1);
  const RoutingGroup node = routing_group({256, 8, 8, 4, GroupScore::sum_of_two_best}, 8, 1);
  EXPECT_EQ(fast(routing(0.4), node).nic_max_over_mean, 1);
  EXPECT_EQ(fast(routing(0.4), node).node_max_over_mean, 1);
}

TEST(SimulatedRouter, ProfilesAscendToTheFullest) {
  const RoutedLoad load = fast(routing(0.4));
  ASSERT_EQ(load.rank_profile.size(), 64u);
  EXPECT_TRUE(std::is_sorted(load.rank_profile.begin(), load.rank_profile.end()));
  EXPECT_EQ(load.rank_profile.back(), load.rank_max_over_mean);
  EXPECT_NEAR(std::accumulate(load.rank_profile.begin(), load.rank_profile.end(), 0.0), 64, 1e-9);
}

TEST(SimulatedRouter, LayersDifferAndSeedsDecide) {
  SimulatedRouting r = routing(0.4);
  r.num_layers = 2;
  const LayerLoads loads = make_simulated_router(r)->route_layers(kEp64);
  EXPECT_NE(loads.of(0).rank_max_over_mean, loads.of(1).rank_max_over_mean);
  EXPECT_EQ(make_simulated_router(r)->route_layers(kEp64).of(1).rank_max_over_mean,
            loads.of(1).rank_max_over_mean);
  r.seed = 5;
  EXPECT_NE(make_simulated_router(r)->route_layers(kEp64).of(1).rank_max_over_mean,
            loads.of(1).rank_max_over_mean);
}

/// A bias settled on all documents: columns of the mean matrix are even, rows have all choices.
TEST(MeanLoads, AreEvenInTheMean) {
  const MeanLoads means = mean_loads_maker(routing(0.6), kEp64).of_layer(0);
  for (std::size_t e = 0; e < means.num_experts; ++e) {
    double sum = 0;
    for (std::size_t row = 0; row < means.num_classes; ++row) sum += means.experts[row * 256 + e];
    EXPECT_NEAR(sum / static_cast<double>(means.num_classes) * 32, 1, 0.01);
  }
  for (std::size_t row = 0; row < means.num_classes; ++row) {
    EXPECT_NEAR(std::accumulate(means.experts.begin() + static_cast<std::ptrdiff_t>(row * 256),
                                means.experts.begin() + static_cast<std::ptrdiff_t>(row * 256 + 256), 0.0),
                8, 1e-9);
  }
}

/// A block whose tokens are all alike is one token: the variance grows by the block.
TEST(BlockInflation, GrowsFromOneToTheBlock) {
  EXPECT_EQ(block_inflation(0.03, {0, 64}), 1);
  EXPECT_NEAR(block_inflation(0.25, {1, 64}), 64, 1e-9);
  EXPECT_GT(block_inflation(0.03, {0.2, 64}), 1.5);
  EXPECT_LT(block_inflation(0.03, {0.2, 64}), block_inflation(0.03, {0.4, 64}));
  // Orthant of two normals at 0: covariance asin(rho) / (2 pi) of a variance of 1/4.
  EXPECT_NEAR(block_inflation(0.5, {0.5, 2}), 1 + std::asin(0.5) / (2 * 3.14159265) / 0.25, 0.01);
}

TEST(MicroBatch, PartsAreCutAtRanksAndDocuments) {
  const std::vector<DocumentPart> parts = parts_of({2, 1, 6, 4});
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[1].place, 1);
  EXPECT_EQ(parts[1].rank, 0);
  EXPECT_EQ(parts[1].tokens, 2);
  EXPECT_EQ(parts[2].place, 1);
  EXPECT_EQ(parts[2].rank, 1);
  EXPECT_EQ(parts[3].tokens, 4);
}

}  // namespace
}  // namespace moesim
