#include "gui/widgets/plot_picture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gui/widgets/plot_csv.hpp"

namespace moesim::gui {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNone = std::nan("");

PlotPanel stackOf(const QVector<double>& lower, const QVector<double>& upper) {
  PlotPanel panel;
  PlotBars bars;
  bars.name = QStringLiteral("lower");
  bars.values = lower;
  panel.bars.append(bars);
  bars.name = QStringLiteral("upper");
  bars.values = upper;
  panel.bars.append(bars);
  return panel;
}

TEST(PlotPictureTest, RangesLeaveOutWhatCannotBeDrawn) {
  PlotPicture picture;
  PlotPanel panel;
  PlotCurve curve;
  curve.x = {0, 1, 2, 3, kInfinity};
  curve.y = {5, kNone, kInfinity, 9, 1e300};
  panel.curves.append(curve);
  picture.panels.append(panel);
  EXPECT_EQ(fullRangeX(picture, 0), (PlotRange{0, 3}));
  const PlotRange y = fullRangeY(panel, picture.x, {0, 3});
  // 5 to 9 with 6 % of 4 on both sides.
  EXPECT_DOUBLE_EQ(y.low, 4.76);
  EXPECT_DOUBLE_EQ(y.high, 9.24);
  // What lies outside of x does not stretch y: one point alone gets a tenth on both sides.
  EXPECT_EQ(fullRangeY(panel, picture.x, {0, 1}), (PlotRange{4.5, 5.5}));
}

TEST(PlotPictureTest, EmptyPicturesHaveARange) {
  PlotPicture picture;
  EXPECT_EQ(fullRangeX(picture, 0.1), (PlotRange{0, 1}));
  EXPECT_EQ(fullRangeY({}, {}, {0, 1}), (PlotRange{0, 1}));
  picture.x.isLog = true;
  EXPECT_EQ(fullRangeX(picture, 0.1), (PlotRange{1, 10}));
  picture.x.categories = QStringList{QStringLiteral("a"), QStringLiteral("b")};
  EXPECT_EQ(fullRangeX(picture, 0.1), (PlotRange{-0.5, 1.5}));
}

TEST(PlotPictureTest, BarsOfAGroupStandOnEachOther) {
  const PlotPanel panel = stackOf({3, 1}, {4, kNone});
  const PlotBarBox box = barBox(panel, 1, 0);
  EXPECT_DOUBLE_EQ(box.bottom, 3);
  EXPECT_DOUBLE_EQ(box.top, 7);
  EXPECT_DOUBLE_EQ(box.right - box.left, 0.8);
  const PlotBarBox none = barBox(panel, 1, 1);
  EXPECT_DOUBLE_EQ(none.bottom, none.top);
  // 7 is the highest stack: from 0 with 6 % above.
  EXPECT_EQ(fullRangeY(panel, {}, {-0.5, 1.5}), (PlotRange{0, 7.42}));
}

TEST(PlotPictureTest, GroupsStandBesideEachOther) {
  PlotPanel panel = stackOf({3}, {4});
  panel.bars[1].group = 1;
  EXPECT_DOUBLE_EQ(barBox(panel, 0, 0).right, barBox(panel, 1, 0).left);
  EXPECT_DOUBLE_EQ(barBox(panel, 1, 0).bottom, 0);
  EXPECT_EQ(barAt(panel, 0.2, 3.5)->bars, 1);
  EXPECT_FALSE(barAt(panel, -0.2, 3.5).has_value());
  EXPECT_FALSE(barAt(panel, 7, 1).has_value());
}

TEST(PlotPictureTest, TheNearestPointWithinReachIsHit) {
  PlotPanel panel;
  PlotCurve curve;
  curve.x = {1, 2, 3};
  curve.y = {1, 2, kNone};
  panel.curves.append(curve);
  const auto hit = nearestPoint(panel, {}, 1.9, 2, 100, 100, 14);
  ASSERT_TRUE(hit.has_value());
  EXPECT_EQ(hit->index, 1);
  EXPECT_FALSE(nearestPoint(panel, {}, 1.5, 2, 100, 100, 14).has_value());
}

TEST(PlotPictureTest, ValuesAreThoseOfTheNearestTime) {
  PlotCurve curve;
  EXPECT_FALSE(valueNear(curve, 1).has_value());
  curve.x = {0, 10, 20};
  curve.y = {1, 2, kNone};
  EXPECT_EQ(valueNear(curve, 4), 1);
  EXPECT_EQ(valueNear(curve, 6), 2);
  EXPECT_EQ(valueNear(curve, -5), 1);
  EXPECT_FALSE(valueNear(curve, 99).has_value());
}

TEST(PlotPictureTest, CsvHasEveryPoint) {
  PlotPicture picture;
  EXPECT_EQ(pictureCsv(picture), QString());
  picture.x.label = QStringLiteral("stage");
  picture.x.categories = QStringList{QStringLiteral("0"), QStringLiteral("1")};
  picture.panels.append(stackOf({3, 1}, {4, kNone}));
  EXPECT_EQ(pictureCsv(picture),
            QStringLiteral("stage,curve,value\r\n0,lower,3\r\n1,lower,1\r\n0,upper,4\r\n"));
}

}  // namespace
}  // namespace moesim::gui
