#include "reports/pictures/lod_pyramid.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace moesim::pictures {
namespace {

TEST(DifferencePyramidTest, APixelIsTheCellFarthestFromZero) {
  // By definition, over every cell of the pixel: 7 columns of 3 rows in one pixel a row.
  DifferencePyramid pyramid(3);
  std::array<float, 3> farthest{};
  for (int column = 0; column < 7; ++column) {
    std::array<float, 3> cells{};
    for (std::size_t row = 0; row < cells.size(); ++row) {
      cells[row] = static_cast<float>((column * 7919 + static_cast<int>(row) * 104729) % 101 - 50);
      if (std::abs(cells[row]) > std::abs(farthest[row])) farthest[row] = cells[row];
    }
    pyramid.append(cells);
  }
  std::vector<float> pixels(3);
  pyramid.draw({0, 7, 0, 3, 1, 3}, pixels);
  for (std::size_t row = 0; row < 3; ++row) EXPECT_EQ(pixels[row], farthest[row]) << row;
}

TEST(DifferencePyramidTest, OfTwoAsFarTheGreaterIsShown) {
  DifferencePyramid pyramid(2);
  pyramid.append(std::array{-3.0F, 2.5F});
  pyramid.append(std::array{3.0F, -2.5F});
  pyramid.append(std::array{0.0F, kNoData});
  std::vector<float> pixels(2);
  pyramid.draw({0, 3, 0, 2, 1, 2}, pixels);
  EXPECT_EQ(pixels[0], 3);
  EXPECT_EQ(pixels[1], 2.5);
}

TEST(DifferencePyramidTest, CellsWithoutDataDoNotCount) {
  DifferencePyramid pyramid(2);
  pyramid.append(std::array{kNoData, kNoData});
  pyramid.append(std::array{-2.0F, kNoData});
  std::vector<float> pixels(2);
  pyramid.draw({0, 2, 0, 2, 1, 2}, pixels);
  EXPECT_EQ(pixels[0], -2);
  EXPECT_EQ(pixels[1], kNoData);
  EXPECT_EQ(pyramid.at(0, 0), kNoData);
  EXPECT_EQ(pyramid.at(1, 0), -2);
  EXPECT_THROW(pyramid.append(std::array{1.0F}), std::invalid_argument);
}

}  // namespace
}  // namespace moesim::pictures
