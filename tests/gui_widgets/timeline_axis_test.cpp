#include "gui/widgets/timeline_axis.hpp"

#include <gtest/gtest.h>

#include <QStringList>

namespace moesim::gui {
namespace {

struct MappingRow {
  TimeRange range;
  double left;
  double width;
  double time;
  double x;
};

class TimelineAxisMappingTest : public testing::TestWithParam<MappingRow> {};

TEST_P(TimelineAxisMappingTest, TimesAndPixelsAreEachOther) {
  const auto& [range, left, width, time, x] = GetParam();
  const TimelineAxis axis{range, left, width};
  EXPECT_NEAR(axis.xOf(time), x, 1e-4);  // a double tells 4e-15 s apart at 19 s: 4e-6 pixels of the last row
  EXPECT_NEAR(axis.timeOf(x), time, 1e-9 * range.length());
}

INSTANTIATE_TEST_SUITE_P(Rows, TimelineAxisMappingTest,
                         testing::Values(MappingRow{{0, 10}, 0, 100, 0, 0},
                                         MappingRow{{0, 10}, 0, 100, 10, 100},
                                         MappingRow{{0, 10}, 50, 100, 2.5, 75},
                                         MappingRow{{-1, 1}, 20, 400, 0, 220},
                                         MappingRow{{5, 6}, 0, 1000, 4, -1000},
                                         MappingRow{{19, 19.000001}, 100, 1000, 19.0000005, 600}));

struct ZoomRow {
  double x;
  double factor;
  TimeRange expected;
};

class TimelineAxisZoomTest : public testing::TestWithParam<ZoomRow> {};

TEST_P(TimelineAxisZoomTest, KeepsTheTimeUnderTheMouse) {
  const auto& [x, factor, expected] = GetParam();
  const TimelineAxis axis{{0, 10}, 100, 200};
  const TimeRange zoomed = axis.zoomed(x, factor);
  EXPECT_NEAR(zoomed.start, expected.start, 1e-12);
  EXPECT_NEAR(zoomed.end, expected.end, 1e-12);
  EXPECT_NEAR((TimelineAxis{zoomed, 100, 200}.timeOf(x)), axis.timeOf(x), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Rows, TimelineAxisZoomTest,
                         testing::Values(ZoomRow{100, 0.5, {0, 5}}, ZoomRow{300, 0.5, {5, 10}},
                                         ZoomRow{200, 0.5, {2.5, 7.5}}, ZoomRow{150, 2, {-2.5, 17.5}},
                                         ZoomRow{200, 1, {0, 10}}));

TEST(TimelineAxisTest, ZoomEndsWhereDoublesNoLongerTellPixelsApart) {
  TimelineAxis axis{{19, 20}, 0, 1600};
  for (int i = 0; i < 500; ++i) axis.range = axis.zoomed(700, 0.5);
  EXPECT_GT(axis.range.length(), 0);
  EXPECT_LT(axis.range.start, axis.timeOf(1));
  EXPECT_LT(axis.range.length(), 1e-9);
}

TEST(TimelineAxisTest, PansByPixels) {
  const TimelineAxis axis{{0, 10}, 50, 100};
  EXPECT_EQ(axis.panned(10), (TimeRange{1, 11}));
  EXPECT_EQ(axis.panned(-20), (TimeRange{-2, 8}));
}

struct TickRow {
  TimeRange range;
  int maxCount;
  QStringList labels;
};

class TimelineTicksTest : public testing::TestWithParam<TickRow> {};

TEST_P(TimelineTicksTest, AreRoundAndInOneUnit) {
  const auto& [range, maxCount, labels] = GetParam();
  QStringList made;
  for (const TimelineTick& tick : timelineTicks(range, maxCount)) made.append(tick.label);
  EXPECT_EQ(made, labels) << made.join(QStringLiteral("; ")).toStdString();
}

QStringList words(const char* text) {
  return QString::fromUtf8(text).split(QStringLiteral("; "));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TimelineTicksTest,
    testing::Values(TickRow{{0, 19.3}, 5, words("0 s; 5 s; 10 s; 15 s")},
                    TickRow{{0, 1}, 5, words("0.0 s; 0.2 s; 0.4 s; 0.6 s; 0.8 s; 1.0 s")},
                    TickRow{{0.0012, 0.0034}, 6, words("1.5 ms; 2.0 ms; 2.5 ms; 3.0 ms")},
                    TickRow{
                        {2.000001, 2.0000034}, 3, words("2000001 \u00b5s; 2000002 \u00b5s; 2000003 \u00b5s")},
                    TickRow{{-1, 1}, 2, words("-1 s; 0 s; 1 s")},
                    TickRow{{0, 100'000}, 2, words("0 s; 50000 s; 100000 s")}));

TEST(TimelineTicksTest, NothingForRangesWithoutLength) {
  EXPECT_TRUE(timelineTicks({1, 1}, 5).isEmpty());
  EXPECT_TRUE(timelineTicks({0, 1}, 0).isEmpty());
}

TEST(TimeTextTest, HasTheDigitsOfAPixel) {
  EXPECT_EQ(timeText(19.30891, 0.01), QStringLiteral("19.31 s"));
  EXPECT_EQ(timeText(0.00123456, 1e-6), QStringLiteral("1.235 ms"));
}

}  // namespace
}  // namespace moesim::gui
