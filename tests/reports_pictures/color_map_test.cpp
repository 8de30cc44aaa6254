#include "reports/pictures/color_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/pictures/theme.hpp"

namespace moesim::pictures {
namespace {

double linear(std::uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

/// Relative luminance of sRGB, IEC 61966-2-1.
double luminance(Rgb color) {
  return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

/// L*, a*, b* of CIE 1976 for D65.
std::array<double, 3> lab(Rgb color) {
  const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
  const double r = linear(color.red);
  const double g = linear(color.green);
  const double b = linear(color.blue);
  const double x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const double y = f(luminance(color));
  const double z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0890);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

// The published table of viridis (matplotlib, _cm_listed.py) at 0, 0.5 and 1.
TEST(SequentialMap, Is_viridis) {
  const auto expect_near = [](Rgb color, std::array<double, 3> published) {
    EXPECT_NEAR(color.red / 255.0, published[0], 0.02);
    EXPECT_NEAR(color.green / 255.0, published[1], 0.02);
    EXPECT_NEAR(color.blue / 255.0, published[2], 0.02);
  };
  expect_near(sequential_map()[0], {0.267004, 0.004874, 0.329415});
  expect_near(sequential_map()[128], {0.127568, 0.566949, 0.550556});
  expect_near(sequential_map()[255], {0.993248, 0.906157, 0.143936});
}

TEST(SequentialMap, Lightness_rises_evenly) {
  // Viridis goes from L* 14 to 91: 77 / 16 a sixteenth of the scale.
  double before = lab(sequential_map()[0])[0];
  EXPECT_LT(before, 20);
  for (std::size_t i = 16; i < 256; i += 16) {
    const double now = lab(sequential_map()[i])[0];
    EXPECT_NEAR(now - before, 77.0 / 16, 1.5) << i;
    before = now;
  }
  EXPECT_GT(before, 80);
}

TEST(DivergingMap, Is_neutral_in_the_middle_and_as_dark_at_both_ends) {
  const ColorMap& map = diverging_map();
  const auto middle = lab(color_at(map, 0.5));
  EXPECT_GT(middle[0], 95);
  EXPECT_LT(std::hypot(middle[1], middle[2]), 3);
  EXPECT_GT(map[0].blue, map[0].red);
  EXPECT_GT(map[255].red, map[255].blue);
  for (std::size_t i = 0; i < 128; i += 8) EXPECT_NEAR(lab(map[i])[0], lab(map[255 - i])[0], 8) << i;
  EXPECT_EQ(map[0], (Rgb{0x05, 0x30, 0x61}));
  EXPECT_EQ(map[51], (Rgb{0x43, 0x93, 0xc3}));  // 51 / 255 is the third of eleven colours
}

TEST(ColorAt, Clamps) {
  EXPECT_EQ(color_at(sequential_map(), -3), sequential_map()[0]);
  EXPECT_EQ(color_at(sequential_map(), 7), sequential_map()[255]);
  EXPECT_EQ(color_at(sequential_map(), 100.0 / 255), sequential_map()[100]);
}

TEST(ColorScale, Linear_and_logarithmic) {
  const ColorScale linear_scale{1, 5, false};
  EXPECT_DOUBLE_EQ(linear_scale.position(2), 0.25);
  EXPECT_EQ(linear_scale.position(0), 0);
  EXPECT_EQ(linear_scale.position(6), 1);
  const ColorScale log_scale{0.125, 8, true};
  EXPECT_DOUBLE_EQ(log_scale.position(1), 0.5);
  EXPECT_NEAR(log_scale.position(2), 4.0 / 6, 1e-12);
  EXPECT_EQ(log_scale.position(0), 0);
}

TEST(Themes, Text_can_be_read) {
  const auto contrast = [](Rgb one, Rgb other) {
    const auto [low, high] = std::minmax({luminance(one), luminance(other)});
    return (high + 0.05) / (low + 0.05);
  };
  for (const Theme& theme : kThemes) {
    EXPECT_GE(contrast(theme.text, theme.background), 7) << theme.name;
    EXPECT_GE(contrast(theme.muted, theme.background), 4.5) << theme.name;
    EXPECT_GE(contrast(theme.curve, theme.background), 3) << theme.name;
  }
}

}  // namespace
}  // namespace moesim::pictures
