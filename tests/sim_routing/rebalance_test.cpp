#include "sim/routing/rebalance.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace moesim {
namespace {

using Loads = std::vector<double>;

constexpr EplbSpec kTwoGpus{4, 1, 1, 2};  // four experts, no redundancy

Rebalancer rebalancer(int every, int window, int lag) {
  return Rebalancer({kTwoGpus, every, window, lag}, contiguous_placement({4, 4, 2, 2}));
}

// Loads 8 6 2 1: expert 0 to GPU 0, 1 to GPU 1, 2 to GPU 1 (6 < 8), 3 to GPU 0. GPU 0 keeps slot 0, GPU 1 has
// 2 in its first slot, so slots 0 3 2 1: expert 3 comes from GPU 1, expert 1 from GPU 0.
TEST(Rebalance, PlansEveryNSteps) {
  Rebalancer balance = rebalancer(3, 10, 0);
  const Loads load{8, 6, 2, 1};
  EXPECT_FALSE(balance.end_step(load));
  EXPECT_FALSE(balance.end_step(load));
  const auto plan = balance.end_step(load);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->placement.slot_expert, (std::vector<int>{0, 3, 2, 1}));
  EXPECT_EQ(plan->moves, (std::vector<ExpertMove>{{1, 3, 1}, {3, 1, 0}}));
  EXPECT_EQ(balance.placement(), plan->placement);
  EXPECT_FALSE(balance.end_step(load));
  EXPECT_FALSE(balance.end_step(load));
  const auto same = balance.end_step(load);
  ASSERT_TRUE(same);
  EXPECT_TRUE(same->moves.empty());
  EXPECT_EQ(same->placement, plan->placement);
}

TEST(Rebalance, WindowForgetsWhatIsOld) {
  Rebalancer balance = rebalancer(100, 2, 0);
  EXPECT_EQ(balance.loads_in_window(), 0);
  balance.end_step(Loads{100, 0, 0, 0});
  EXPECT_EQ(balance.window_sum(), (Loads{100, 0, 0, 0}));
  balance.end_step(Loads{1, 2, 3, 4});
  balance.end_step(Loads{10, 20, 30, 40});
  EXPECT_EQ(balance.window_sum(), (Loads{11, 22, 33, 44}));
  EXPECT_EQ(balance.loads_in_window(), 2);
}

TEST(Rebalance, LagLeavesTheMostRecentOut) {
  Rebalancer balance = rebalancer(1, 2, 2);
  EXPECT_FALSE(balance.end_step(Loads{1, 0, 0, 0}));
  EXPECT_FALSE(balance.end_step(Loads{2, 0, 0, 0}));  // both are too recent
  EXPECT_EQ(balance.window_sum(), (Loads{0, 0, 0, 0}));
  EXPECT_TRUE(balance.end_step(Loads{4, 0, 0, 0}));
  EXPECT_EQ(balance.window_sum(), (Loads{1, 0, 0, 0}));
  balance.end_step(Loads{8, 0, 0, 0});
  balance.end_step(Loads{16, 0, 0, 0});
  EXPECT_EQ(balance.window_sum(), (Loads{6, 0, 0, 0}));  // steps 2 and 3 of 5
}

// The heavy pair moves from experts 0, 1 to 2, 3 after two steps; both look at two steps, one two steps late.
TEST(Rebalance, AStalePlanFollowsAnOldLoad) {
  Rebalancer fresh = rebalancer(4, 2, 0);
  Rebalancer stale = rebalancer(4, 2, 2);
  const Loads before{9, 8, 2, 1};
  const Loads after{2, 1, 8, 9};
  for (const Loads& load : {before, before, after, after}) {
    fresh.end_step(load);
    stale.end_step(load);
  }
  EXPECT_EQ(fresh.placement(), rebalancer(1, 1, 0).end_step(after)->placement);
  EXPECT_EQ(stale.placement(), rebalancer(1, 1, 0).end_step(before)->placement);
}

TEST(Rebalance, RefusesWhatDoesNotFit) {
  const ExpertPlacement first = contiguous_placement({4, 4, 2, 2});
  EXPECT_THROW(Rebalancer({kTwoGpus, 0, 1, 0}, first), std::invalid_argument);
  EXPECT_THROW(Rebalancer({kTwoGpus, 1, 0, 0}, first), std::invalid_argument);
  EXPECT_THROW(Rebalancer({kTwoGpus, 1, 1, -1}, first), std::invalid_argument);
  EXPECT_THROW(Rebalancer({{6, 1, 1, 2}, 1, 1, 0}, first), std::invalid_argument);
  EXPECT_THROW(Rebalancer({{4, 1, 2, 2}, 1, 1, 0}, first), std::invalid_argument);
  Rebalancer balance = rebalancer(1, 1, 0);
  EXPECT_THROW(balance.end_step(Loads{1, 2, 3}), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
