#include "sim/serving/cache/lru_blocks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "base/random.hpp"

namespace moesim {
namespace {

std::vector<std::uint64_t> hashes(const std::vector<CachedBlock>& blocks) {
  std::vector<std::uint64_t> all;
  for (const CachedBlock& block : blocks) all.push_back(block.hash);
  return all;
}

TEST(LruBlocks, TheLeastRecentlyUsedLeaves) {
  LruBlocks blocks(30);
  std::vector<CachedBlock> evicted;
  for (const std::uint64_t hash : {1, 2, 3}) blocks.insert({hash, 10}, evicted);
  EXPECT_TRUE(evicted.empty());
  blocks.touch(1);
  blocks.insert({4, 10}, evicted);
  EXPECT_THAT(hashes(evicted), testing::ElementsAre(2));
  blocks.set_capacity(15, evicted);
  EXPECT_THAT(hashes(evicted), testing::ElementsAre(2, 3, 1));
  EXPECT_EQ(blocks.used_tokens(), 10);
  blocks.insert({5, 16}, evicted);  // above the capacity
  EXPECT_THAT(hashes(evicted), testing::ElementsAre(2, 3, 1, 5));
  EXPECT_TRUE(blocks.contains(4));
}

TEST(LruBlocks, RefusesWhatIsNoBlock) {
  std::vector<CachedBlock> evicted;
  EXPECT_THROW(LruBlocks(-1), std::invalid_argument);
  EXPECT_THROW(LruBlocks(5).insert({1, 0}, evicted), std::invalid_argument);
  EXPECT_THROW(LruBlocks(5).set_capacity(-1, evicted), std::invalid_argument);
}

/// The same by a plain list, the most recent first.
struct PlainList {
  std::deque<CachedBlock> blocks;
  std::int64_t capacity;

  auto find(std::uint64_t hash) {
    return std::find_if(blocks.begin(), blocks.end(), [&](const CachedBlock& b) { return b.hash == hash; });
  }
  std::int64_t used() const {
    std::int64_t sum = 0;
    for (const CachedBlock& block : blocks) sum += block.tokens;
    return sum;
  }
  void insert(CachedBlock block, std::vector<CachedBlock>& evicted) {
    if (const auto at = find(block.hash); at != blocks.end()) {
      block = *at;
      blocks.erase(at);
    } else if (block.tokens > capacity) {
      evicted.push_back(block);
      return;
    }
    blocks.push_front(block);
    shrink(evicted);
  }
  void shrink(std::vector<CachedBlock>& evicted) {
    while (used() > capacity) {
      evicted.push_back(blocks.back());
      blocks.pop_back();
    }
  }
};

TEST(LruBlocks, AgreesWithAPlainList) {
  LruBlocks fast(100);
  PlainList plain{{}, 100};
  RandomStream random(7, 1);
  for (int i = 0; i < 20000; ++i) {
    std::vector<CachedBlock> evicted;
    std::vector<CachedBlock> expected;
    const std::uint64_t hash = random.below(40);
    switch (random.below(5)) {
      case 0:
        if (const auto at = plain.find(hash); at != plain.blocks.end()) plain.blocks.erase(at);
        fast.erase(hash);
        break;
      case 1:
        plain.capacity = static_cast<std::int64_t>(random.below(150));
        plain.shrink(expected);
        fast.set_capacity(plain.capacity, evicted);
        break;
      default: {
        const CachedBlock block{hash, static_cast<std::int64_t>(1 + random.below(12))};
        plain.insert(block, expected);
        fast.insert(block, evicted);
      }
    }
    ASSERT_EQ(hashes(evicted), hashes(expected));
    ASSERT_EQ(fast.used_tokens(), plain.used());
    ASSERT_EQ(fast.num_blocks(), plain.blocks.size());
    ASSERT_LE(fast.used_tokens(), fast.capacity_tokens());
  }
}

}  // namespace
}  // namespace moesim
