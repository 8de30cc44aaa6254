#include "sim/routing/recorded_router.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "base/error.hpp"
#include "sim/routing/simulated_router.hpp"
#include "tests/own_file.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {
namespace {

const GateSpec kGate{64, 6, 1, 1, Scoring::softmax, GroupScore::none};
const RoutingGroup kGroup = routing_group({64, 6, 1, 1, GroupScore::none}, 16, 2);

/// Two experts on each of two ranks, one rank a node: ranks get 6 and 2, so 1.5 times the mean of 4.
TEST(RecordedCounts, GiveRanksAndNodes) {
  const ExpertCounts counts{"", 4, {3, 4}, {0}, {4, 2, 1, 1, 2, 2, 2, 2}};
  const LayerLoads loads = make_recorded_counts_router(counts)->route_layers({2, 2, 1.4, 1.4});
  EXPECT_DOUBLE_EQ(loads.of(0).rank_max_over_mean, 1.5);
  EXPECT_DOUBLE_EQ(loads.of(0).node_max_over_mean, 1.5);
  EXPECT_DOUBLE_EQ(loads.of(1).rank_max_over_mean, 1);
  EXPECT_EQ(loads.of(0).nodes_per_token, 1.4);
}

/// Steps of 1.5 and 1: the mean is 1.25.
TEST(RecordedCounts, StepsAreMicroBatches) {
  const ExpertCounts counts{"", 4, {3}, {0, 1}, {4, 2, 1, 1, 2, 2, 2, 2}};
  const RoutedLoad load = make_recorded_counts_router(counts)->route({2, 1, 1, 1.4});
  EXPECT_DOUBLE_EQ(load.rank_max_over_mean, 1.25);
  EXPECT_DOUBLE_EQ(load.rank_interval.p90, 1.45);
}

/// Ids of `num_tokens` tokens as the gate chooses them with even popularity settled by symmetry.
void write_ids(const std::filesystem::path& path, const AffinitySpec& affinity, std::int64_t num_tokens) {
  const auto pool = std::make_shared<const NoisePool>(64, 3, 4096);
  LayerAffinities affinities(affinity, 64, 3, 0, pool);
  affinities.begin_step(0);
  std::vector<float> logits(static_cast<std::size_t>(num_tokens) * 64);
  affinities.logits(0, static_cast<std::size_t>(num_tokens), logits);
  RoutedTokens routed;
  Gate(kGate).route(logits, {}, {}, routed);
  ExpertIdsWriter writer(path, {1, 6, 64}, num_tokens);
  writer.add(routed.experts);
  writer.commit();
}

TEST(RecordedIds, OfSimulatedTokensGiveTheSimulatedLoads) {
  const test::OwnFile file("simulated.npy");
  AffinitySpec affinity;
  affinity.topics = {32, 0.5, 0, 256};
  write_ids(file.path(), affinity, 16 * 256 * 40);
  const RoutedLoad recorded = make_recorded_ids_router({file.path(), {0, 0, 64}, 256, 40})->route(kGroup);
  SimulatedRouting routing{kGate, affinity, Balancing::none, 1, 40, 256, 3};
  const RoutedLoad simulated = make_simulated_router(routing)->route(kGroup);
  EXPECT_NEAR(recorded.rank_max_over_mean / simulated.rank_max_over_mean, 1, 0.03);
  EXPECT_NEAR(recorded.nic_max_over_mean / simulated.nic_max_over_mean, 1, 0.03);
  EXPECT_NEAR(recorded.ranks_per_token / simulated.ranks_per_token, 1, 0.01);
  EXPECT_NEAR(recorded.nodes_per_token / simulated.nodes_per_token, 1, 0.01);
}

/// One rank brings one token that chooses experts 0 and 3 of 4 on two nodes: nothing comes to its own node
/// from another one.
TEST(RecordedIds, TokensCrossToOtherNodesAlone) {
  const test::OwnFile file("two.npy");
  ExpertIdsWriter writer(file.path(), {1, 2, 4}, 2);
  writer.add(std::vector<std::uint16_t>{0, 3, 0, 1});
  writer.commit();
  const RoutedLoad load = make_recorded_ids_router({file.path(), {0, 0, 4}, 1, 8})->route({2, 2, 1, 1});
  EXPECT_DOUBLE_EQ(load.nodes_per_token, 1.5);
  EXPECT_DOUBLE_EQ(load.ranks_per_token, 1.5);
  EXPECT_DOUBLE_EQ(load.rank_max_over_mean, 1.5);
  EXPECT_DOUBLE_EQ(load.node_max_over_mean, 1);  // one token each way
}

TEST(RecordedIds, LessThanAMicroBatchIsRefused) {
  const test::OwnFile file("few.npy");
  write_ids(file.path(), {}, 100);
  EXPECT_THROW(make_recorded_ids_router({file.path(), {0, 0, 64}, 256, 8})->route(kGroup),
               std::invalid_argument);
}

}  // namespace
}  // namespace moesim
