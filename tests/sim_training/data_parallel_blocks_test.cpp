#include "sim/training/data_parallel_blocks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Places = std::vector<std::size_t>;

/// A chain of computations, one per item given.
Block chain(const std::vector<std::int16_t>& items, Half half) {
  Block block;
  for (const std::int16_t item : items) {
    BlockOperation op;
    op.half = half;
    op.item = item;
    if (!block.operations.empty()) op.after.push_back(block.operations.size() - 1);
    block.operations.push_back(op);
  }
  return block;
}

std::vector<Lane> lanes(const Block& block) {
  std::vector<Lane> all;
  for (const BlockOperation& op : block.operations) all.push_back(op.lane);
  return all;
}

constexpr Lane kCompute = Lane::computation;
constexpr Lane kData = Lane::data_parallel;

// One layer ahead: the gather of the third item waits until the first is done; those of the first two wait
// for what was computed before the block.
TEST(WithGathers, PrefetchesOneItem) {
  const Block block = with_gathers(chain({0, 1, 2}, Half::forward), Half::forward, {{7U, 8U, 9U}, 1});
  EXPECT_THAT(lanes(block), ElementsAre(kData, kData, kCompute, kData, kCompute, kCompute));
  EXPECT_TRUE(block.operations[0].needs_computation);
  EXPECT_TRUE(block.operations[1].needs_computation);
  EXPECT_EQ(block.operations[1].cost, 8U);
  EXPECT_EQ(block.operations[3].after, Places{2});
  EXPECT_EQ(block.operations[2].after, Places{0});
  EXPECT_THAT(block.operations[4].after, ElementsAre(2, 1));
  EXPECT_THAT(block.operations[5].after, ElementsAre(4, 3));
  EXPECT_EQ(block.output_activation, 5U);
}

// Without a prefetch nothing is gathered while an item computes.
TEST(WithGathers, WaitsForTheItemBeforeWithoutPrefetch) {
  const Block block = with_gathers(chain({1, 0}, Half::backward), Half::backward, {{7U, 8U}, 0});
  EXPECT_THAT(lanes(block), ElementsAre(kData, kCompute, kData, kCompute));
  EXPECT_EQ(block.operations[0].cost, 8U);  // a backward begins with the last item
  EXPECT_EQ(block.operations[2].after, Places{1});
}

TEST(WithGathers, GathersAllAtOnceAtTheStartOfAStep) {
  const Block block =
      with_gathers(chain({0, 1, 2}, Half::forward), Half::forward, {{7U, std::nullopt, 9U}, std::nullopt});
  EXPECT_THAT(lanes(block), ElementsAre(kData, kData, kCompute, kCompute, kCompute));
  EXPECT_FALSE(block.operations[0].needs_computation);
  EXPECT_THAT(block.operations[1].after, IsEmpty());
}

TEST(WithGathers, LeavesTheOtherHalfAlone) {
  const Block block = with_gathers(chain({0, 1}, Half::backward), Half::forward, {{7U, 8U}, 1});
  EXPECT_THAT(lanes(block), ElementsAre(kCompute, kCompute));
}

// Two collectives of a bucket follow its last item, one after the other in their lane; the output of the
// block stays the operation that it was.
TEST(WithReductions, FollowTheItemThatCompletesTheBucket) {
  const Block block =
      with_reductions(chain({2, 1, 1, 0}, Half::backward), Half::backward, {{1, {7U, 8U}}, {0, {9U}}});
  EXPECT_THAT(lanes(block), ElementsAre(kCompute, kCompute, kCompute, kData, kData, kCompute, kData));
  EXPECT_EQ(block.operations[3].after, Places{2});
  EXPECT_EQ(block.operations[4].after, Places{2});
  EXPECT_EQ(block.operations[5].after, Places{2});
  EXPECT_EQ(block.operations[6].after, Places{5});
  EXPECT_EQ(block.output_gradient, 5U);
}

}  // namespace
}  // namespace moesim
