#include "reports/pictures/lod_pyramid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "reports/pictures/max_raster.hpp"

namespace moesim::pictures {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;

/// Numbers without pattern, the same every time.
float cell_of(std::size_t column, std::size_t row) {
  return static_cast<float>((column * 7919 + row * 104729 + column * row) % 1013);
}

LodPyramid pyramid_of(std::size_t num_columns, std::size_t num_rows) {
  LodPyramid pyramid(num_rows);
  std::vector<float> cells(num_rows);
  for (std::size_t column = 0; column < num_columns; ++column) {
    for (std::size_t row = 0; row < num_rows; ++row) cells[row] = cell_of(column, row);
    pyramid.append(cells);
  }
  return pyramid;
}

std::vector<float> drawn(const LodPyramid& pyramid, const HeatMapWindow& window) {
  std::vector<float> pixels(static_cast<std::size_t>(window.width * window.height));
  pyramid.draw(window, pixels);
  return pixels;
}

/// The pixel as the definition says: every cell that it touches is looked at.
float pixel_by_cells(const HeatMapWindow& window, std::size_t num_columns, std::size_t num_rows, int x,
                     int y) {
  const double dx = (window.end_column - window.first_column) / window.width;
  const double dy = (window.end_row - window.first_row) / window.height;
  float most = kNoData;
  for (std::size_t column = 0; column < num_columns; ++column) {
    for (std::size_t row = 0; row < num_rows; ++row) {
      const auto left = static_cast<double>(column);
      const auto top = static_cast<double>(row);
      const bool touches = left < window.first_column + (x + 1) * dx &&
                           left + 1 > window.first_column + x * dx && top < window.first_row + (y + 1) * dy &&
                           top + 1 > window.first_row + y * dy;
      if (touches) most = std::max(most, cell_of(column, row));
    }
  }
  return most;
}

TEST(LodPyramid, Shows_the_greatest_of_each_pixel) {
  LodPyramid pyramid(1);
  for (const float value : {1.F, 5.F, 2.F, 3.F, 0.F}) pyramid.append(std::vector<float>{value});
  EXPECT_THAT(drawn(pyramid, {0, 4, 0, 1, 2, 1}), ElementsAre(5, 3));
  EXPECT_THAT(drawn(pyramid, {0, 5, 0, 1, 1, 1}), ElementsAre(5));
  EXPECT_THAT(drawn(pyramid, {2, 5, 0, 1, 3, 1}), ElementsAre(2, 3, 0));
}

TEST(LodPyramid, Beyond_the_cells_is_no_data) {
  LodPyramid pyramid(1);
  pyramid.append(std::vector<float>{4});
  EXPECT_THAT(drawn(pyramid, {-1, 2, 0, 1, 3, 1}), ElementsAre(kNoData, 4, kNoData));
  EXPECT_THAT(drawn(pyramid, {0, 1, -1, 2, 1, 3}), ElementsAre(kNoData, 4, kNoData));
  EXPECT_THAT(drawn(pyramid, {50, 60, 0, 1, 4, 1}), Each(kNoData));
  EXPECT_THAT(drawn(pyramid, {0, 1, 7, 9, 1, 4}), Each(kNoData));
  EXPECT_THAT(drawn(LodPyramid(3), {0, 10, 0, 3, 5, 3}), Each(kNoData));
}

TEST(LodPyramid, Every_window_is_exact) {
  const std::size_t num_columns = 203;  // no power of two: the last blocks of levels are open
  const std::size_t num_rows = 11;
  const LodPyramid pyramid = pyramid_of(num_columns, num_rows);
  const std::vector<HeatMapWindow> windows{{0, 203, 0, 11, 16, 4},           {0, 203, 0, 11, 203, 11},
                                           {1.25, 200.75, 0.5, 10.5, 23, 5}, {17.5, 18.25, 2, 3, 8, 2},
                                           {-40, 300, -3, 14, 17, 8},        {100, 203, 4, 5, 1, 1}};
  for (const HeatMapWindow& window : windows) {
    const std::vector<float> pixels = drawn(pyramid, window);
    for (int y = 0; y < window.height; ++y) {
      for (int x = 0; x < window.width; ++x)
        EXPECT_EQ(pixels[static_cast<std::size_t>(y * window.width + x)],
                  pixel_by_cells(window, num_columns, num_rows, x, y))
            << "pixel " << x << ", " << y << " from column " << window.first_column;
    }
  }
}

// Two ways to the same picture: a stream of columns, and a window of everything.
TEST(LodPyramid, Agrees_with_the_raster) {
  const LodPyramid pyramid = pyramid_of(1000, 64);
  MaxRaster raster(250, 32, 1000, 64);
  std::vector<float> cells(64);
  for (std::size_t column = 0; column < 1000; ++column) {
    for (std::size_t row = 0; row < 64; ++row) cells[row] = cell_of(column, row);
    raster.add(static_cast<std::int64_t>(column), cells);
  }
  EXPECT_THAT(drawn(pyramid, {0, 1000, 0, 64, 250, 32}), ElementsAreArray(raster.pixels()));
}

TEST(LodPyramid, Grows_while_it_is_shown) {
  LodPyramid pyramid(2);
  for (int step = 0; step < 100; ++step) {
    pyramid.append(std::vector<float>{static_cast<float>(step), 0});
    const auto columns = static_cast<double>(pyramid.num_columns());
    EXPECT_THAT(drawn(pyramid, {0, columns, 0, 1, 1, 1}), ElementsAre(static_cast<float>(step)));
  }
}

TEST(LodPyramid, One_hot_cell_is_seen_wherever_it_is) {
  for (std::size_t hot = 3; hot < 5000; hot += 311) {
    LodPyramid pyramid(8);
    for (std::size_t column = 0; column < 5000; ++column) {
      std::vector<float> cells(8, 1.0F);
      if (column == hot) cells[hot % 8] = 9.0F;
      pyramid.append(cells);
    }
    const std::vector<float> pixels = drawn(pyramid, {0, 5000, 0, 8, 1500, 8});
    EXPECT_GE(std::ranges::count(pixels, 9.0F), 1) << hot;
    EXPECT_LE(std::ranges::count(pixels, 9.0F), 2) << hot;
  }
}

TEST(LodPyramid, Refuses_what_does_not_fit) {
  LodPyramid pyramid(2);
  EXPECT_THROW(pyramid.append(std::vector<float>{1}), std::invalid_argument);
  pyramid.append(std::vector<float>{1, 2});
  std::vector<float> pixels(4);
  EXPECT_THROW(pyramid.draw({0, 1, 0, 2, 3, 1}, pixels), std::invalid_argument);
  EXPECT_THROW(pyramid.draw({1, 1, 0, 2, 2, 2}, pixels), std::invalid_argument);
  EXPECT_THROW(pyramid.draw({0, std::nan(""), 0, 2, 2, 2}, pixels), std::invalid_argument);
}

}  // namespace
}  // namespace moesim::pictures
