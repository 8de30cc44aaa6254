#include <gtest/gtest.h>

#include "reports/pictures/curve_plot.hpp"
#include "tests/reports_pictures/decoded_picture.hpp"

namespace moesim::pictures {
namespace {

using test::DecodedPicture;

const Theme& light = kThemes[0];
constexpr Rgb kWhite{255, 255, 255};

TEST(PlotAxis, Linear_and_logarithmic) {
  EXPECT_DOUBLE_EQ((PlotAxis{10, 20, false, "", {}}.position(12)), 0.2);
  EXPECT_DOUBLE_EQ((PlotAxis{0.1, 1000, true, "", {}}.position(1)), 0.25);
}

TEST(CurveAxis, Holds_the_extremes) {
  BinnedCurve curve(3, 10);
  curve.add(0, 0.02);
  curve.add(1, 0);
  curve.add(2, 4);
  const PlotAxis linear = curve_axis(curve, false, 5);
  EXPECT_EQ(linear.low, 0);
  EXPECT_GT(linear.high, 4);
  EXPECT_GE(linear.ticks.size(), 3U);
  const PlotAxis log = curve_axis(curve, true, 5);
  EXPECT_GT(log.low, 0);
  EXPECT_LT(log.low, 0.02);
}

TEST(CurveAxis, One_layer_that_is_balanced_does_not_empty_a_logarithmic_axis) {
  BinnedCurve curve(1, 10);
  curve.add(0, 0);
  curve.add(0, 3);
  const PlotAxis axis = curve_axis(curve, true, 5);
  EXPECT_LT(axis.low, 1.5);
  EXPECT_GT(axis.low, 0);
  EXPECT_GT(axis.high, 3);
}

TEST(CurveAxis, A_perfect_balance_has_an_axis_too) {
  BinnedCurve curve(2, 10);
  curve.add(0, 0);
  for (const bool logarithmic : {false, true}) {
    const PlotAxis axis = curve_axis(curve, logarithmic, 5);
    EXPECT_LT(axis.low, axis.high);
    EXPECT_GE(axis.ticks.size(), 2U);
  }
}

/// Three bins of a third of 300 pixels each, on an axis from 0 to 10 over 100 pixels.
DecodedPicture curve_picture(const BinnedCurve& curve) {
  Canvas canvas(PictureFormat::png, 300, 100);
  canvas.fill(Rect{0, 0, 300, 100}, kWhite);
  draw_curve(canvas, {&light, 1}, {0, 0, 300, 100}, curve, {0, 10, false, "", {}});
  return DecodedPicture(canvas.finish());
}

TEST(Curve, Has_its_mean_and_its_band) {
  BinnedCurve curve(3, 3);
  for (int column = 0; column < 3; ++column) {
    curve.add(column, 2);
    curve.add(column, 7.9);
  }
  const DecodedPicture picture = curve_picture(curve);
  EXPECT_EQ(picture.at(150, 50), light.curve);  // the mean, 4.95: the middle of the pixel
  const Rgb band = picture.at(150, 30);
  EXPECT_NE(band, kWhite);
  EXPECT_NE(band, light.curve);
  EXPECT_EQ(picture.at(150, 70), band);
  EXPECT_EQ(picture.at(150, 15), kWhite);  // above 7.9
  EXPECT_EQ(picture.at(150, 85), kWhite);  // below 2
}

TEST(Curve, Is_parted_where_there_is_nothing) {
  BinnedCurve curve(3, 3);
  curve.add(0, 5);
  curve.add(2, 5);
  const DecodedPicture picture = curve_picture(curve);
  EXPECT_EQ(picture.at(50, 50), light.curve);
  EXPECT_EQ(picture.at(250, 50), light.curve);
  EXPECT_EQ(picture.count_other(70, 0, 160, 100, kWhite), 0);
}

// Labels of all layers of a model do not run into each other: those that would are left out.
TEST(Axes, Labels_keep_apart) {
  Canvas canvas(PictureFormat::png, 300, 200);
  canvas.fill(Rect{0, 0, 300, 200}, kWhite);
  PlotAxis x{0, 60, false, "", {}};
  for (int i = 0; i <= 60; ++i) x.ticks.push_back({static_cast<double>(i), "10,000"});
  draw_axes(canvas, {&light, 1}, {60, 20, 200, 120}, x, {0, 1, false, "", {}}, true);
  const DecodedPicture picture(canvas.finish());
  // Columns of the row of labels without a single dark pixel, between the first and the last label.
  int gaps = 0;
  for (int column = 70; column < 250; ++column)
    gaps += picture.count_other(column, 147, 1, 20, kWhite) == 0 ? 1 : 0;
  EXPECT_GT(gaps, 15);
  EXPECT_GT(picture.count_other(40, 147, 240, 20, kWhite), 100);
}

}  // namespace
}  // namespace moesim::pictures
