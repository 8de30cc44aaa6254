#include "reports/pictures/series_picture.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/reports_pictures/decoded_picture.hpp"

namespace moesim::pictures {
namespace {

using test::DecodedPicture;

const Theme& light = kThemes[0];

SeriesPicture two_series() {
  SeriesPicture picture;
  picture.title = "GEMM";
  picture.caption = {"dots: timed points"};
  picture.x_title = "rows";
  SeriesPanel panel{"time", "time (us)", true, 0, {}};
  panel.series.push_back({"n=1", {{1, 10}, {1000, 10}}, {{1, 10}, {1000, 10}}});
  panel.series.push_back({"n=2", {{1, 1000}, {1000, 1000}}, {{30, 1000}}});
  picture.panels.push_back(panel);
  return picture;
}

enum class Hue { blue, orange };

/// Pixels of that hue, edges of lines included.
int count_of(const DecodedPicture& picture, Hue hue, int top, int bottom) {
  int count = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = 0; x < 800; ++x) {
      const Rgb pixel = picture.at(x, y);
      const int excess = int{pixel.blue} - int{pixel.red};
      count += (hue == Hue::blue ? excess > 60 : excess < -60) ? 1 : 0;
    }
  }
  return count;
}

TEST(SeriesPicture, Draws_each_series_where_its_values_are) {
  const DecodedPicture picture(series_picture(two_series(), PictureFormat::png, 800, 600, light));
  // Log axis from 10 to 1000: the first series lies in the lower half, the second in the upper one; the
  // legend above holds both.
  const int middle = 350;
  EXPECT_GT(count_of(picture, Hue::blue, middle, 600), 300);
  EXPECT_EQ(count_of(picture, Hue::orange, middle, 600), 0);
  EXPECT_EQ(count_of(picture, Hue::blue, 150, middle), 0);
  EXPECT_GT(count_of(picture, Hue::orange, 60, middle), 300);
}

TEST(SeriesPicture, Same_bytes_in_every_format) {
  for (const PictureFormat format : {PictureFormat::png, PictureFormat::svg, PictureFormat::pdf}) {
    const std::string once = series_picture(two_series(), format, 800, 600, light);
    EXPECT_FALSE(once.empty());
    EXPECT_EQ(once, series_picture(two_series(), format, 800, 600, light));
  }
}

TEST(SeriesPicture, One_point_and_values_that_a_logarithm_does_not_have) {
  SeriesPicture picture = two_series();
  picture.panels[0].series = {{"one", {}, {{5, 7}, {0, 3}, {6, -1}, {8, 0}}}};
  picture.panels.push_back({"share", "%", false, 100, {{"one", {}, {{5, 0}}}}});
  EXPECT_FALSE(series_picture(picture, PictureFormat::png, 400, 300, light).empty());
}

TEST(SeriesPicture, Nothing_to_draw_is_refused) {
  SeriesPicture picture = two_series();
  picture.panels[0].series.clear();
  EXPECT_THROW(series_picture(picture, PictureFormat::png, 400, 300, light), RunError);
  picture.panels.clear();
  EXPECT_THROW(series_picture(picture, PictureFormat::png, 400, 300, light), RunError);
}

}  // namespace
}  // namespace moesim::pictures
