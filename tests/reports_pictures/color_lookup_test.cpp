#include "reports/pictures/color_lookup.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "reports/pictures/pixels.hpp"

namespace moesim::pictures {
namespace {

constexpr Rgb kMissing{1, 2, 3};

std::uint32_t word(Rgb color) {
  return 0xff000000U | static_cast<std::uint32_t>(color.red) << 16U |
         static_cast<std::uint32_t>(color.green) << 8U | color.blue;
}

/// Which of the grey colours of a map a word is.
int shade(std::uint32_t color) {
  return static_cast<int>(color & 0xffU);
}

ColorMap greys() {
  ColorMap map;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const auto level = static_cast<std::uint8_t>(i);
    map[i] = {level, level, level};
  }
  return map;
}

class ColorLookupTest : public testing::TestWithParam<ColorScale> {};

TEST_P(ColorLookupTest, IsWithinOneColorOfTheScale) {
  const ColorScale scale = GetParam();
  const ColorLookup lookup(greys(), scale, kMissing);
  for (int i = -20; i <= 1020; ++i) {
    const auto value = static_cast<float>(scale.low + i / 1000.0 * (scale.high - scale.low));
    const int expected = static_cast<int>(std::lround(255 * scale.position(value)));
    EXPECT_LE(std::abs(shade(lookup.color(value)) - expected), 1) << value;
  }
  EXPECT_EQ(shade(lookup.color(static_cast<float>(2 * scale.high))), 255);
  EXPECT_EQ(shade(lookup.color(static_cast<float>(scale.low - scale.high))), 0);
  EXPECT_EQ(lookup.color(kNoData), word(kMissing));
}

INSTANTIATE_TEST_SUITE_P(Scales, ColorLookupTest,
                         testing::Values(ColorScale{0, 2, false}, ColorScale{-3, 3, false},
                                         ColorScale{0.1, 60, true}, ColorScale{0.5, 2, true},
                                         ColorScale{1e-9, 1e9, true}));

TEST(ColorLookupTest, EqualLinesAreEqual) {
  const ColorLookup lookup(greys(), {0, 255, false}, kMissing);
  const std::vector<float> values{1, 2, 1, 2, 7, kNoData};
  std::vector<std::uint32_t> colors(6);
  lookup.draw(values, 2, colors);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(colors[i], lookup.color(values[i])) << i;
}

}  // namespace
}  // namespace moesim::pictures
