#include "calib/kernels/collectives/pattern_bits.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace moesim {
namespace {

/// Elements that two messages share, of 4096.
int equal_elements(const PatternKey& a, const PatternKey& b) {
  int equal = 0;
  for (std::size_t i = 0; i < 4096; ++i) equal += pattern_element(a, i) == pattern_element(b, i) ? 1 : 0;
  return equal;
}

// Two random messages share an element with probability 2^-16.
TEST(Pattern, MessagesOfOtherRanksDiffer) {
  for (std::uint32_t a = 0; a < 8; ++a) {
    for (std::uint32_t b = 0; b < 8; ++b) {
      if (a == b) continue;
      EXPECT_LT(equal_elements({1, a, 3}, {1, b, 3}), 4);
      EXPECT_LT(equal_elements({1, 3, a}, {1, 3, b}), 4);
      EXPECT_LT(equal_elements({1, a, b}, {1, b, a}), 4);
    }
  }
  EXPECT_LT(equal_elements({1, 0, 0}, {2, 0, 0}), 4);
}

TEST(Pattern, AShiftedMessageDiffers) {
  const PatternKey key{9, 2, 5};
  int equal = 0;
  for (std::size_t i = 0; i < 4096; ++i)
    equal += pattern_element(key, i) == pattern_element(key, i + 1) ? 1 : 0;
  EXPECT_LT(equal, 4);
}

TEST(Summand, SumsAreExactInBf16AndNotConstant) {
  for (int ranks : {1, 2, 8, 256, 300, 1000}) {
    std::set<int> sums;
    for (std::size_t i = 0; i < 64; ++i) {
      int sum = 0;
      for (int r = 0; r < ranks; ++r) sum += summand({7, static_cast<std::uint32_t>(r), 0}, i, ranks);
      EXPECT_LE(sum, 256);
      sums.insert(sum);
    }
    EXPECT_GT(sums.size(), 1U) << ranks;
  }
}

TEST(RowValue, LiesInItsRangeAndTellsRowsApart) {
  int equal = 0;
  for (int c = 0; c < 1024; ++c) {
    const float value = row_value(3, 1, 17, c);
    EXPECT_GE(value, -1);
    EXPECT_LT(value, 1);
    EXPECT_EQ(value * 128, static_cast<float>(static_cast<int>(value * 128)));
    equal += value == row_value(3, 1, 18, c) ? 1 : 0;
  }
  EXPECT_LT(equal, 30);  // one of 256 by chance
}

}  // namespace
}  // namespace moesim
