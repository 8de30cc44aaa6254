#include "sim/routing/placement.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

namespace moesim {
namespace {

using Slots = std::vector<int>;
using Loads = std::vector<double>;

TEST(Placement, ContiguousPutsNeighboursTogether) {
  const ExpertPlacement placement = contiguous_placement({8, 8, 4, 2});
  EXPECT_EQ(placement.slot_expert, (Slots{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(placement.slots_per_gpu(), 2);
  EXPECT_EQ(placement.num_nodes(), 2);
  EXPECT_EQ(placement.gpu_of(5), 2);
  EXPECT_EQ(placement.node_of(5), 1);
}

// 4 experts in 6 slots: slot s holds 4 s / 6 = 0, 0.67, 1.33, 2, 2.67, 3.33 rounded down.
TEST(Placement, ContiguousSpreadsItsRedundantSlots) {
  EXPECT_EQ(contiguous_placement({4, 6, 2, 1}).slot_expert, (Slots{0, 0, 1, 2, 2, 3}));
}

TEST(Placement, RoundRobinDealsExperts) {
  EXPECT_EQ(round_robin_placement({8, 8, 4, 2}).slot_expert, (Slots{0, 4, 1, 5, 2, 6, 3, 7}));
  // Slots 3 x 2 dealt in the order GPU 0, 1, 0, 1, 0, 1: experts 0 1 2 3 0 1.
  EXPECT_EQ(round_robin_placement({4, 6, 2, 1}).slot_expert, (Slots{0, 2, 0, 1, 3, 1}));
}

// Experts 0 and 2 have two replicas: slots carry 3 3 4 5 5 2, GPUs of two slots 6, 9, 7.
TEST(Placement, ReplicasShareTheirTokensEvenly) {
  const ExpertPlacement placement{4, 3, 3, {0, 0, 1, 2, 2, 3}};
  const Loads tokens{6, 4, 10, 2};
  EXPECT_EQ(replica_counts(placement), (Slots{2, 1, 2, 1}));
  EXPECT_EQ(slot_load(placement, tokens), (Loads{3, 3, 4, 5, 5, 2}));
  EXPECT_EQ(gpu_load(placement, tokens), (Loads{6, 9, 7}));
  EXPECT_EQ(node_load(placement, tokens), (Loads{22}));
}

TEST(Placement, TokensAreConserved) {
  for (const int num_slots : {256, 288, 320, 512}) {
    Loads tokens(256);
    std::iota(tokens.begin(), tokens.end(), 1.0);
    const double sum = std::accumulate(tokens.begin(), tokens.end(), 0.0);
    for (const auto make : {contiguous_placement, round_robin_placement}) {
      const ExpertPlacement placement = make({256, num_slots, 32, 8});
      EXPECT_NO_THROW(check_placement(placement));
      for (const Loads& loads :
           {slot_load(placement, tokens), gpu_load(placement, tokens), node_load(placement, tokens)}) {
        EXPECT_NEAR(std::accumulate(loads.begin(), loads.end(), 0.0), sum, 1e-9 * sum);
      }
      EXPECT_EQ(node_load(placement, tokens).size(), 4U);
    }
  }
}

TEST(Placement, RefusesSizesThatDoNotFit) {
  EXPECT_THROW(contiguous_placement({8, 7, 1, 1}), std::invalid_argument);   // fewer slots than experts
  EXPECT_THROW(contiguous_placement({8, 10, 4, 4}), std::invalid_argument);  // 2.5 slots a GPU
  EXPECT_THROW(contiguous_placement({8, 8, 4, 3}), std::invalid_argument);
  EXPECT_THROW(round_robin_placement({0, 8, 4, 4}), std::invalid_argument);
  EXPECT_THROW(round_robin_placement({8, 8, 0, 1}), std::invalid_argument);
  EXPECT_THROW(round_robin_placement({8, 8, 4, 0}), std::invalid_argument);
}

TEST(Placement, RefusesSlotsThatAreNotAPlacement) {
  EXPECT_THROW(check_placement({2, 1, 1, {0, 2}}), std::invalid_argument);
  EXPECT_THROW(check_placement({2, 1, 1, {0, -1}}), std::invalid_argument);
  EXPECT_THROW(check_placement({2, 1, 1, {1, 1}}), std::invalid_argument);
  EXPECT_THROW(check_placement({2, 1, 1, {}}), std::invalid_argument);
  EXPECT_NO_THROW(check_placement({2, 1, 1, {1, 0}}));
}

TEST(Placement, RefusesLoadsOfAnotherLength) {
  const ExpertPlacement placement = contiguous_placement({4, 4, 2, 2});
  EXPECT_THROW(slot_load(placement, Loads{1, 2, 3}), std::invalid_argument);
  EXPECT_THROW(gpu_sums(placement, Loads{1, 2, 3}), std::invalid_argument);
  EXPECT_THROW(node_sums(placement, Loads(5)), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
