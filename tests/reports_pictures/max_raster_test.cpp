#include "reports/pictures/max_raster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace moesim::pictures {
namespace {

using testing::ElementsAre;

/// A raster of two rows of pixels and as many rows of cells.
MaxRaster raster_of(int width, const std::vector<float>& top) {
  MaxRaster raster(width, 2, static_cast<std::int64_t>(top.size()), 2);
  for (std::size_t column = 0; column < top.size(); ++column)
    raster.add(static_cast<std::int64_t>(column), std::vector<float>{top[column], 0});
  return raster;
}

std::vector<float> top_row(const MaxRaster& raster) {
  return {raster.pixels().begin(), raster.pixels().begin() + raster.width()};
}

TEST(MaxRaster, A_pixel_is_the_greatest_of_its_cells) {
  EXPECT_THAT(top_row(raster_of(2, {1, 5, 2, 3})), ElementsAre(5, 3));
}

TEST(MaxRaster, A_border_pixel_belongs_to_both_its_cells) {
  // Two pixels of 1.5 cells each meet in the middle of the cell of 9.
  EXPECT_THAT(top_row(raster_of(2, {1, 9, 2})), ElementsAre(9, 9));
}

TEST(MaxRaster, A_cell_fills_all_its_pixels) {
  EXPECT_THAT(top_row(raster_of(6, {1, 4})), ElementsAre(1, 1, 1, 4, 4, 4));
}

TEST(MaxRaster, Without_cells_there_is_no_data) {
  MaxRaster raster(3, 1, 3, 1);
  raster.add(1, std::vector<float>{2});
  EXPECT_THAT(raster.pixels(), ElementsAre(kNoData, 2, kNoData));
}

TEST(MaxRaster, Rows_are_reduced_too) {
  MaxRaster raster(1, 2, 1, 4);
  raster.add(0, std::vector<float>{1, 2, 7, 3});
  EXPECT_THAT(raster.pixels(), ElementsAre(2, 7));
}

TEST(MaxRaster, Refuses_what_does_not_fit) {
  MaxRaster raster(2, 2, 3, 2);
  EXPECT_THROW(raster.add(3, std::vector<float>{0, 0}), std::invalid_argument);
  EXPECT_THROW(raster.add(-1, std::vector<float>{0, 0}), std::invalid_argument);
  EXPECT_THROW(raster.add(0, std::vector<float>{0}), std::invalid_argument);
}

/// Where the hot cell of 256 experts and 5,000 steps is.
class OneHotCell : public testing::TestWithParam<std::pair<int, int>> {};

// Sampling every third column would show a third of them.
TEST_P(OneHotCell, Is_seen) {
  const auto [expert, step] = GetParam();
  MaxRaster raster(1500, 100, 5000, 256);
  for (int column = 0; column < 5000; ++column) {
    std::vector<float> cells(256, 1.0F);
    if (column == step) cells[static_cast<std::size_t>(expert)] = 8.0F;
    raster.add(column, cells);
  }
  // It touches one or two pixels each way, and no other pixel is hot.
  const auto hot = std::ranges::count(raster.pixels(), 8.0F);
  EXPECT_GE(hot, 1);
  EXPECT_LE(hot, 4);
  const int x = step * 1500 / 5000;
  const int y = expert * 100 / 256;
  EXPECT_EQ(raster.pixels()[static_cast<std::size_t>(y * 1500 + x)], 8.0F);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, OneHotCell,
                         testing::Values(std::pair{0, 0}, std::pair{255, 4999}, std::pair{17, 1},
                                         std::pair{128, 2}, std::pair{129, 3333}, std::pair{77, 2500},
                                         std::pair{1, 4998}));

}  // namespace
}  // namespace moesim::pictures
