#include "reports/pictures/heat_map.hpp"

#include <gtest/gtest.h>

#include "tests/reports_pictures/decoded_picture.hpp"

namespace moesim::pictures {
namespace {

using test::DecodedPicture;

TEST(HeatMap, Has_the_color_of_each_pixel) {
  MaxRaster raster(4, 2, 4, 2);
  raster.add(0, std::vector<float>{0, 1});
  raster.add(1, std::vector<float>{2, 4});
  raster.add(3, std::vector<float>{9, 4});
  Canvas canvas(PictureFormat::png, 10, 10);
  draw_heat_map(canvas, kThemes[0], 3, 5, raster, sequential_map(), {0, 4, false});
  const DecodedPicture picture(canvas.finish());
  EXPECT_EQ(picture.at(3, 5), sequential_map()[0]);
  EXPECT_EQ(picture.at(3, 6), color_at(sequential_map(), 0.25));
  EXPECT_EQ(picture.at(4, 5), color_at(sequential_map(), 0.5));
  EXPECT_EQ(picture.at(4, 6), sequential_map()[255]);
  EXPECT_EQ(picture.at(5, 5), kThemes[0].missing);
  EXPECT_EQ(picture.at(6, 5), sequential_map()[255]);  // above the scale
}

TEST(ColorBar, Runs_from_low_below_to_high_above) {
  Canvas canvas(PictureFormat::png, 200, 300);
  canvas.fill(Rect{0, 0, 200, 300}, {255, 255, 255});
  const PlotStyle style{&kThemes[0], 1};
  draw_color_bar(canvas, style, {20, 20, 16, 256}, sequential_map(), {0, 4, false}, "load / mean", {});
  const DecodedPicture picture(canvas.finish());
  for (int i = 0; i < 256; i += 15)
    EXPECT_EQ(picture.at(28, 275 - i), sequential_map()[static_cast<std::size_t>(i)]);
  // Numbers beside it, the unit at their right, and nothing at its left but the frame.
  EXPECT_GT(picture.count_other(44, 20, 30, 256, {255, 255, 255}), 50);
  EXPECT_EQ(picture.count_other(0, 0, 18, 300, {255, 255, 255}), 0);
}

}  // namespace
}  // namespace moesim::pictures
