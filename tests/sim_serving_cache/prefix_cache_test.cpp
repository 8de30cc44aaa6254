#include "sim/serving/cache/prefix_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "base/random.hpp"

namespace moesim {
namespace {

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

Request prompt(std::int64_t input_tokens, std::vector<std::uint64_t> blocks, std::int64_t block_tokens = 10) {
  Request request;
  request.input_tokens = input_tokens;
  request.output_tokens = 1;
  request.blocks = std::move(blocks);
  request.block_tokens = block_tokens;
  return request;
}

TEST(PrefixCache, FindsThePrefixAndComputesTheLastToken) {
  PrefixCache cache(kUnlimited, 0, nullptr);
  EXPECT_EQ(cache.find(prompt(35, {1, 2, 3, 4})), PrefixHit{});
  cache.insert(prompt(35, {1, 2, 3, 4}));
  EXPECT_EQ(cache.gpu_tokens(), 35);
  EXPECT_EQ(cache.find(prompt(35, {1, 2, 3, 4})), (PrefixHit{34, 0, 0}));
  EXPECT_EQ(cache.find(prompt(60, {1, 2, 3, 5, 6, 7})), (PrefixHit{30, 0, 0}));
  // The blocks behind a missing one do not count.
  EXPECT_EQ(cache.find(prompt(40, {9, 2, 3, 4})), PrefixHit{});
  EXPECT_EQ(cache.find(prompt(30, {1, 9, 3})), (PrefixHit{10, 0, 0}));
  // Hashes beyond the prompt do not count.
  EXPECT_EQ(cache.find(prompt(15, {1, 2, 3, 4})), (PrefixHit{14, 0, 0}));
  EXPECT_EQ(cache.find(prompt(0, {1, 2})), PrefixHit{});
}

TEST(PrefixCache, BlocksGoDownTierByTier) {
  const auto disk = std::make_shared<DiskCache>(30);
  PrefixCache cache(20, 20, disk);
  cache.insert(prompt(20, {1, 2}));
  cache.insert(prompt(20, {3, 4}));  // 1 and 2 are on the host
  EXPECT_EQ(cache.find(prompt(21, {1, 2, 9})), (PrefixHit{0, 20, 0}));
  cache.insert(prompt(10, {5}));  // 4 goes down before 3, the beginning of its prompt; then 2 before 1
  EXPECT_EQ(cache.find(prompt(21, {3, 4, 9})), (PrefixHit{10, 10, 0}));
  EXPECT_EQ(cache.find(prompt(21, {1, 2, 9})), (PrefixHit{0, 10, 10}));
  cache.insert(prompt(20, {1, 2}));  // computed again: on the GPUs alone; 3 and 5 are on the host
  EXPECT_EQ(cache.find(prompt(21, {1, 2, 9})), (PrefixHit{20, 0, 0}));
  EXPECT_EQ(cache.gpu_tokens(), 20);
  EXPECT_EQ(cache.host_tokens(), 20);
  EXPECT_LE(disk->used_tokens(), 30);
}

TEST(PrefixCache, ShrinkingGpuMemorySendsBlocksToTheHost) {
  PrefixCache cache(40, 40, nullptr);
  cache.insert(prompt(40, {1, 2, 3, 4}));
  cache.set_gpu_capacity(20);
  EXPECT_EQ(cache.find(prompt(41, {1, 2, 3, 4, 5})), (PrefixHit{20, 20, 0}));
  cache.set_gpu_capacity(40);  // room does not bring them back
  EXPECT_EQ(cache.find(prompt(41, {1, 2, 3, 4, 5})), (PrefixHit{20, 20, 0}));
  cache.clear();
  EXPECT_EQ(cache.find(prompt(41, {1, 2, 3, 4, 5})), PrefixHit{});
}

TEST(PrefixCache, UseKeepsWhatIsFound) {
  PrefixCache cache(30, 0, nullptr);
  for (const std::uint64_t block : {1, 2, 3}) cache.insert(prompt(10, {block}));
  EXPECT_EQ(cache.use(prompt(20, {1, 9})), (PrefixHit{10, 0, 0}));
  cache.insert(prompt(10, {4}));
  EXPECT_EQ(cache.find(prompt(20, {1, 9})).gpu, 10);
  EXPECT_EQ(cache.find(prompt(20, {2, 9})).gpu, 0);
}

TEST(PrefixCache, UnitsShareTheDisk) {
  const auto disk = std::make_shared<DiskCache>(100);
  PrefixCache one(0, 0, disk);
  const PrefixCache other(0, 0, disk);
  one.insert(prompt(20, {1, 2}));  // no tier above
  EXPECT_EQ(other.find(prompt(25, {1, 2, 3})), (PrefixHit{0, 0, 20}));
  one.clear();
  EXPECT_EQ(one.find(prompt(25, {1, 2, 3})), (PrefixHit{0, 0, 20}));
}

TEST(PrefixCache, StatedTokensLieOnDiskWhereThereIsOne) {
  Request request = prompt(100, {});
  request.stated_cached_tokens = 60;
  EXPECT_EQ(PrefixCache(10, 10, std::make_shared<DiskCache>(1)).find(request), (PrefixHit{0, 0, 60}));
  EXPECT_EQ(PrefixCache(10, 10, nullptr).find(request), PrefixHit{});
  request.stated_cached_tokens = 100;
  EXPECT_EQ(PrefixCache(10, 10, std::make_shared<DiskCache>(1)).find(request), (PrefixHit{0, 0, 99}));
}

TEST(PrefixCache, TiersNeverHoldMoreThanTheirCapacityNorFindMoreThanThePrompt) {
  const auto disk = std::make_shared<DiskCache>(400);
  PrefixCache cache(200, 100, disk);
  RandomStream random(3, 4);
  std::int64_t found = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t family = random.below(25);
    const std::uint64_t depth = 1 + random.below(8);
    std::vector<std::uint64_t> blocks;
    for (std::uint64_t d = 0; d < depth; ++d) blocks.push_back(family * 100 + d);
    const auto last = static_cast<std::int64_t>(1 + random.below(10));
    const Request request = prompt(static_cast<std::int64_t>(depth - 1) * 10 + last, blocks);
    const PrefixHit hit = cache.find(request);
    ASSERT_EQ(cache.use(request), hit);
    ASSERT_LT(hit.total(), request.input_tokens);
    ASSERT_GE(std::min({hit.gpu, hit.host, hit.disk}), 0);
    found += hit.total();
    cache.insert(request);
    if (i % 7 == 0) cache.set_gpu_capacity(static_cast<std::int64_t>(random.below(300)));
    ASSERT_LE(cache.gpu_tokens(), cache.gpu_capacity());
    ASSERT_LE(cache.host_tokens(), cache.host_capacity());
    ASSERT_LE(disk->used_tokens(), disk->capacity_tokens());
  }
  EXPECT_GT(found, 0);
}

TEST(PrefixCache, ALargerCacheOfChainsFindsNoLess) {
  std::int64_t before = -1;
  for (const std::int64_t capacity : {0, 50, 100, 200, 400, 100000}) {
    PrefixCache cache(capacity, 0, nullptr);
    RandomStream random(5, 6);
    std::int64_t found = 0;
    for (int i = 0; i < 3000; ++i) {
      const std::uint64_t family = random.below(20);
      std::vector<std::uint64_t> blocks;
      for (std::uint64_t d = 0; d < 4; ++d) blocks.push_back(family * 100 + d);
      const Request request = prompt(40, blocks);
      found += cache.use(request).total();
      cache.insert(request);
    }
    EXPECT_GE(found, before);  // least-recently-used is a stack algorithm
    before = found;
  }
  EXPECT_EQ(before, (3000 - 20) * 39);
}

TEST(PrefixCache, RefusesNegativeCapacities) {
  EXPECT_THROW(PrefixCache(-1, 0, nullptr), std::invalid_argument);
  EXPECT_THROW(PrefixCache(0, -1, nullptr), std::invalid_argument);
  EXPECT_THROW(DiskCache(-1), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
