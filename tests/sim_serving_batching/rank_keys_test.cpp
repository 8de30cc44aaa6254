#include "sim/serving/batching/rank_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"

namespace moesim {
namespace {

TEST(RankKeys, HasTheFirstOfTheLowestAtHand) {
  RandomStream stream(1, 9);
  for (std::size_t count = 1; count < 40; ++count) {
    std::vector<std::int64_t> plain(count);
    for (std::int64_t& key : plain) key = static_cast<std::int64_t>(stream.below(10));
    RankKeys keys;
    EXPECT_TRUE(keys.empty());
    keys.assign(count, [&](std::size_t rank) { return plain[rank]; });
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(keys.lowest(),
                static_cast<std::size_t>(std::min_element(plain.begin(), plain.end()) - plain.begin()));
      const std::size_t rank = stream.below(count);
      plain[rank] = static_cast<std::int64_t>(stream.below(10));
      keys.set(rank, plain[rank]);
      ASSERT_EQ(keys[rank], plain[rank]);
    }
  }
}

}  // namespace
}  // namespace moesim
