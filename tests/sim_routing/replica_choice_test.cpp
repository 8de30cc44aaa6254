#include "sim/routing/replica_choice.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <stdexcept>

#include "base/random.hpp"
#include "sim/load/traffic_matrix.hpp"
#include "sim/routing/eplb.hpp"

namespace moesim {
namespace {

/// Two nodes of two GPUs with two slots each. Expert 0 is on GPUs 0, 1 and 2, expert 1 on 0 and 3.
const ExpertPlacement kPlacement{4, 4, 2, {0, 1, 0, 2, 0, 3, 1, 2}};

std::vector<int> slots_of(ReplicaChoice choice, int source, int expert) {
  const ReplicaTable table(kPlacement, choice);
  const auto slots = table.slots(source, expert);
  return {slots.begin(), slots.end()};
}

TEST(ReplicaChoice, RoundRobinTakesAllInTurn) {
  const ReplicaTable table(kPlacement, ReplicaChoice::round_robin);
  for (int source = 0; source < 4; ++source) {
    EXPECT_EQ(table.slot(source, 0, 0), 0);
    EXPECT_EQ(table.slot(source, 0, 1), 2);
    EXPECT_EQ(table.slot(source, 0, 2), 4);
    EXPECT_EQ(table.slot(source, 0, 3), 0);
    EXPECT_EQ(table.gpu(source, 0, 2), 2);
    EXPECT_EQ(table.slot(source, 3, 7), 5);
  }
}

TEST(ReplicaChoice, NearestPrefersItsGpuThenItsNodeThenAll) {
  EXPECT_EQ(slots_of(ReplicaChoice::nearest, 0, 0), std::vector<int>{0});  // own GPU
  EXPECT_EQ(slots_of(ReplicaChoice::nearest, 1, 1), std::vector<int>{1});  // neighbour GPU 0
  EXPECT_EQ(slots_of(ReplicaChoice::nearest, 3, 0), std::vector<int>{4});  // neighbour GPU 2
  EXPECT_EQ(slots_of(ReplicaChoice::nearest, 2, 1), std::vector<int>{6});  // neighbour GPU 3
  EXPECT_EQ(slots_of(ReplicaChoice::nearest, 0, 3), std::vector<int>{5});  // the only one
  const ExpertPlacement far{3, 4, 1, {0, 1, 0, 2}};                        // nodes of one GPU
  const ReplicaTable table(far, ReplicaChoice::nearest);
  EXPECT_EQ(table.slot(1, 0, 0), 2);  // all replicas, starting at number 1 mod 2
  EXPECT_EQ(table.slot(1, 0, 1), 0);
  EXPECT_EQ(table.slot(3, 0, 0), 2);
}

// 12 tokens of each pair. Round robin: expert 0 has 48 on three slots, expert 1 48 on two, expert 2 48 on
// two, expert 3 48 on one. Nearest: GPUs 2 and 3 both send expert 0 to slot 4, and GPUs 0 and 1 use their
// own.
TEST(ReplicaChoice, SlotLoadFollowsTheChoice) {
  const std::vector<double> tokens(16, 12);
  EXPECT_EQ(ReplicaTable(kPlacement, ReplicaChoice::round_robin).slot_load(tokens),
            (std::vector<double>{16, 24, 16, 24, 16, 48, 24, 24}));
  EXPECT_EQ(ReplicaTable(kPlacement, ReplicaChoice::nearest).slot_load(tokens),
            (std::vector<double>{12, 24, 12, 24, 24, 48, 24, 24}));
  EXPECT_THROW(ReplicaTable(kPlacement, ReplicaChoice::nearest).slot_load(std::vector<double>(15)),
               std::invalid_argument);
}

TEST(ReplicaChoice, RoundRobinLoadIsThePlacementsOwn) {
  std::vector<double> expert(256);
  for (std::size_t e = 0; e < expert.size(); ++e) expert[e] = static_cast<double>(32 * (e * e % 97));
  const ExpertPlacement placement = eplb_placement(expert, {288, 8, 4, 32});
  std::vector<double> source;
  for (int gpu = 0; gpu < 32; ++gpu) {
    for (const double tokens : expert) source.push_back(tokens / 32);
  }
  const auto load = ReplicaTable(placement, ReplicaChoice::round_robin).slot_load(source);
  const auto expected = slot_load(placement, expert);
  for (std::size_t s = 0; s < load.size(); ++s) EXPECT_NEAR(load[s], expected[s], 1e-9 * expected[s]);
  const auto near = ReplicaTable(placement, ReplicaChoice::nearest).slot_load(source);
  const double sum = std::accumulate(expert.begin(), expert.end(), 0.0);
  EXPECT_NEAR(std::accumulate(near.begin(), near.end(), 0.0), sum, 1e-9 * sum);
}

/// Copies of 4096 tokens that choose 8 different experts at random; the turn is the token's number at its
/// source.
LinkTotals copies_of(const ExpertPlacement& placement, ReplicaChoice choice, DispatchMode mode) {
  const ReplicaTable table(placement, choice);
  TrafficMatrix traffic(placement.num_gpus, placement.gpus_per_node, mode);
  for (std::uint64_t token = 0; token < 4096; ++token) {
    RandomStream random(2, stream_of("replica_choice_test"), token);
    std::set<int> chosen;
    while (chosen.size() < 8) chosen.insert(static_cast<int>(random.below(256)));
    const int source = static_cast<int>(token % 32);
    std::vector<std::uint16_t> gpus;
    for (const int expert : chosen) gpus.push_back(table.gpu(source, expert, token / 32));
    traffic.add(source, gpus);
  }
  return traffic.totals();
}

// 256 experts in 4 nodes of 8 GPUs, each once in two of the nodes: in turn, a choice is local to the node in
// one case of four, from the nearest in one of two.
TEST(ReplicaChoice, NearestSparesTheNics) {
  ExpertPlacement placement = contiguous_placement({256, 512, 32, 8});
  for (int slot = 0; slot < 512; ++slot) placement.slot_expert[static_cast<std::size_t>(slot)] = slot % 256;
  const auto in_turn = copies_of(placement, ReplicaChoice::round_robin, DispatchMode::low_latency);
  const auto nearest = copies_of(placement, ReplicaChoice::nearest, DispatchMode::low_latency);
  EXPECT_NEAR(static_cast<double>(in_turn.nic) / (4096 * 8), 0.75, 0.01);
  EXPECT_NEAR(static_cast<double>(nearest.nic) / (4096 * 8), 0.5, 0.015);
  EXPECT_EQ(in_turn.local + in_turn.nvlink + in_turn.nic, 4096U * 8);
  EXPECT_LT(copies_of(placement, ReplicaChoice::nearest, DispatchMode::normal).nic,
            copies_of(placement, ReplicaChoice::round_robin, DispatchMode::normal).nic);
}

TEST(ReplicaChoice, RefusesWhatIsNoPlacement) {
  EXPECT_THROW(ReplicaTable({2, 1, 1, {0, 0}}, ReplicaChoice::nearest), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
