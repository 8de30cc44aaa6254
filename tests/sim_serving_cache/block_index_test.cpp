#include "sim/serving/cache/block_index.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"

namespace moesim {
namespace {

TEST(BlockIndex, IsEmptyAtFirst) {
  BlockIndex index;
  EXPECT_EQ(index.find(7), BlockIndex::kNone);
  index.erase(7);
  EXPECT_EQ(index.size(), 0U);
}

TEST(BlockIndex, HashZeroIsAHashLikeOthers) {
  BlockIndex index;
  index.insert(1, 5);
  EXPECT_EQ(index.find(0), BlockIndex::kNone);
  index.insert(0, 9);
  EXPECT_EQ(index.find(0), 9U);
  index.erase(0);
  EXPECT_EQ(index.find(0), BlockIndex::kNone);
  EXPECT_EQ(index.find(1), 5U);
}

// Few different hashes, so that they are taken out and put in over and over, and chains of probes cross the
// end of the array.
TEST(BlockIndex, IsAMapWhateverComesAndGoes) {
  for (const std::uint64_t stride : {std::uint64_t{1}, std::uint64_t{1} << 40U, std::uint64_t{0x9E3779B9}}) {
    BlockIndex index;
    std::map<std::uint64_t, std::uint32_t> map;
    RandomStream random(1, stream_of("block_index_test"), stride);
    for (std::uint32_t i = 0; i < 20000; ++i) {
      const std::uint64_t hash = stride * static_cast<std::uint64_t>(random.uniform() * 300);
      const auto found = map.find(hash);
      ASSERT_EQ(index.find(hash), found == map.end() ? BlockIndex::kNone : found->second);
      if (found != map.end()) {
        map.erase(found);
        index.erase(hash);
      } else {
        map.emplace(hash, i);
        index.insert(hash, i);
      }
      ASSERT_EQ(index.size(), map.size());
    }
    for (const auto& [hash, place] : map) EXPECT_EQ(index.find(hash), place);
  }
}

}  // namespace
}  // namespace moesim
