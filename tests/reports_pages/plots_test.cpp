#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reports/pages/interval_plot.hpp"
#include "reports/pages/pipeline_raster.hpp"
#include "reports/pages/xy_plot.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(XyPlot, ShowsEveryPointWithItsTitle) {
  XyPlot plot{{"users"}, {"GPUs"}, {{"front", {{1, 10}, {2, 5}}}}};
  plot.series[0].is_big = true;
  plot.series[0].titles = {"a<b", "c"};
  const std::string html = xy_plot(plot);
  EXPECT_THAT(html, HasSubstr("<title>a&lt;b</title>"));
  EXPECT_THAT(html, HasSubstr("<title>c</title>"));
  EXPECT_THAT(html, HasSubstr(">users</text>"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

// A ring around a dot, drawn after it, hides nothing of it.
TEST(XyPlot, ARingIsDrawnAroundTheDotOfAnEarlierSeries) {
  XyPlot plot{{"users"}, {"GPUs"}, {{"front", {{1, 10}}}, {"best", {{1, 10}}}}};
  plot.series[0].is_big = true;
  plot.series[1].is_ring = true;
  const std::string html = xy_plot(plot);
  const std::size_t dot = html.find("stroke-width:9");
  const std::size_t ring = html.find("r=\"7\" fill-opacity=\"0\" style=\"stroke:");
  ASSERT_NE(dot, std::string::npos);
  ASSERT_NE(ring, std::string::npos);
  EXPECT_LT(dot, ring);
}

TEST(XyPlot, NothingToDrawIsNoPicture) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(xy_plot({{"x"}, {"y"}, {}}), "");
  EXPECT_EQ(xy_plot({{"x"}, {"y"}, {{"s", {{kNan, 1}, {1, kNan}}}}}), "");
  XyPlot logarithmic{{"x"}, {"y"}, {{"s", {{1, 0}, {2, -1}}}}};
  logarithmic.y.logarithmic = true;
  EXPECT_EQ(xy_plot(logarithmic), "");
}

TEST(XyPlot, EqualPointsStillHaveAnAxis) {
  EXPECT_THAT(xy_plot({{"x"}, {"y"}, {{"s", {{0, 0}, {0, 0}}}}}), Not(HasSubstr("nan")));
  XyPlot tight{{"x"}, {"y"}, {{"s", {{3, 7}}}}};
  tight.x.tight = tight.y.tight = true;
  EXPECT_THAT(xy_plot(tight), Not(HasSubstr("nan")));
}

// Of 10,000 points four for each of 600 columns stay, the one peak among them.
TEST(XyPlot, ThinningKeepsPeaks) {
  std::vector<XyPoint> points;
  for (int i = 0; i < 10000; ++i) points.push_back({static_cast<double>(i), i == 4321 ? 9.0 : 1.0});
  const std::vector<XyPoint> kept = thinned(points);
  EXPECT_EQ(kept.size(), 2400U);
  EXPECT_THAT(kept, testing::Contains(testing::Field(&XyPoint::y, 9.0)));
  EXPECT_EQ(kept.front().x, 0);
  EXPECT_EQ(kept.back().x, 9999);
  for (std::size_t i = 1; i < kept.size(); ++i) EXPECT_LE(kept[i - 1].x, kept[i].x);
}

TEST(IntervalPlot, DrawsFiniteOnesAndNothingWithoutAny) {
  EXPECT_EQ(interval_plot({}, MetricUnit::seconds), "");
  EXPECT_EQ(interval_plot({{"bad", 0, std::nan(""), 1}}, MetricUnit::seconds), "");
  const std::string html =
      interval_plot({{"gap", 1, 2, 4}, {"bad", 0, std::nan(""), 1}}, MetricUnit::seconds);
  EXPECT_THAT(html, HasSubstr("gap: 1 s to 4 s"));
  EXPECT_THAT(html, Not(HasSubstr("bad")));
  EXPECT_THAT(interval_plot({{"still", 0, 0, 0}}, MetricUnit::seconds), Not(HasSubstr("nan")));
}

// Two columns of 1 s: class 0 fills the first, class 1 0.4 s of the second, less than half of it.
TEST(PipelineRaster, ColumnsBelongToTheClassThatIsBusyLongest) {
  PipelineRaster raster(1, 2, 2, 10, 12);
  raster.add(0, 0, 9, 11);
  raster.add(0, 1, 10.9, 11.4);
  raster.add(1, 0, 10, 12);  // no such row
  EXPECT_EQ(raster.at(0, 0), 0);
  EXPECT_EQ(raster.at(0, 1), -1);
  raster.add(0, 1, 11.5, 20);
  EXPECT_EQ(raster.at(0, 1), 1);
}

}  // namespace
}  // namespace moesim
