// What kernels of dispatch and collectives share with the host: orders, formats, patterns.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "calib/kernels/collectives/row_format.hpp"
#include "calib/kernels/dispatch/order_key.hpp"

namespace moesim {
namespace {

std::uint32_t key_of(float value) {
  return order_key(std::bit_cast<std::uint32_t>(value));
}

TEST(OrderKey, GrowsWithTheNumber) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> ascending{-infinity, -1e30F, -2,   -1, -1e-40F, -0.0F,
                                     0.0F,      1e-40F, 0.5F, 1,  1e30F,   infinity};
  EXPECT_GT(key_of(ascending.front()), kNoKey);
  for (std::size_t i = 1; i < ascending.size(); ++i)
    EXPECT_LT(key_of(ascending[i - 1]), key_of(ascending[i])) << ascending[i];
}

TEST(OrderKey, GivesBackTheBits) {
  for (float value : {-3.5F, -0.0F, 0.0F, 1e-38F, 7.0F})
    EXPECT_EQ(bits_of_key(key_of(value)), std::bit_cast<std::uint32_t>(value));
}

// 7168 values, 56 scales of 4 bytes, 16 bytes of header: 7408 bytes a token in FP8, 14336 in BF16.
TEST(RowFormat, HasTheBytesOfATokenOfDeepSeekV3) {
  const RowFormat fp8{7168, true};
  EXPECT_EQ(fp8.scale_offset(), 7168U);
  EXPECT_EQ(fp8.header_offset(), 7168U + 224U);
  EXPECT_EQ(fp8.bytes(), 7408U);
  EXPECT_EQ(fp8.vectors(), 463);
  EXPECT_EQ((RowFormat{7168, false}.bytes()), 14336U);
}

TEST(RowFormat, PartsAreAlignedForEveryWidth) {
  for (int hidden = 512; hidden <= 16384; hidden += 512) {
    const RowFormat format{hidden, true};
    EXPECT_EQ(format.scale_offset() % 16, 0U);
    EXPECT_EQ(format.header_offset() % 16, 0U) << hidden;
    EXPECT_EQ(format.bytes() % 16, 0U);
  }
}

}  // namespace
}  // namespace moesim
