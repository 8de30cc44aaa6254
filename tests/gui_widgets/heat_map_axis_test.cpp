#include "gui/widgets/heat_map_axis.hpp"

#include <gtest/gtest.h>

namespace moesim::gui {
namespace {

struct Mapping {
  CellWindow window;
  double cell;
  double pixel;  // of 100
};

class CellMappingTest : public testing::TestWithParam<Mapping> {};

TEST_P(CellMappingTest, PixelsAndCellsAreInverse) {
  const auto [window, cell, pixel] = GetParam();
  EXPECT_DOUBLE_EQ(pixelOf(window, cell, 100), pixel);
  EXPECT_DOUBLE_EQ(cellAt(window, pixel, 100), cell);
}

INSTANTIATE_TEST_SUITE_P(Rows, CellMappingTest,
                         testing::Values(Mapping{{0, 10}, 0, 0}, Mapping{{0, 10}, 10, 100},
                                         Mapping{{0, 10}, 2.5, 25}, Mapping{{5, 10}, 6, 20},
                                         Mapping{{5, 10}, 4, -20}, Mapping{{100.5, 101.5}, 101, 50}));

struct Zoom {
  CellWindow window;
  double anchor;
  double factor;
  CellWindow expected;
};

class ZoomTest : public testing::TestWithParam<Zoom> {};

TEST_P(ZoomTest, TheCellUnderTheCursorStaysAndTheBordersHold) {
  const auto [window, anchor, factor, expected] = GetParam();
  const CellWindow result = zoomed(window, anchor, factor, 100);
  EXPECT_DOUBLE_EQ(result.first, expected.first);
  EXPECT_DOUBLE_EQ(result.end, expected.end);
}

INSTANTIATE_TEST_SUITE_P(Rows, ZoomTest,
                         testing::Values(Zoom{{0, 100}, 50, 0.5, {25, 75}}, Zoom{{0, 100}, 20, 0.5, {10, 60}},
                                         Zoom{{25, 75}, 50, 2, {0, 100}}, Zoom{{40, 60}, 50, 100, {0, 100}},
                                         Zoom{{0, 20}, 0, 2, {0, 40}}, Zoom{{90, 100}, 95, 2, {80, 100}},
                                         Zoom{{0, 100}, 50, 1e-9, {48, 52}}));

TEST(CellWindowTest, MovesInsideOfTheCells) {
  EXPECT_EQ(moved({10, 20}, 5, 100), (CellWindow{15, 25}));
  EXPECT_EQ(moved({10, 20}, -50, 100), (CellWindow{0, 10}));
  EXPECT_EQ(moved({10, 20}, 500, 100), (CellWindow{90, 100}));
  EXPECT_EQ(cutTo({0, 5}, 0), (CellWindow{0, 1}));
}

TEST(AxisTicksTest, NumbersAreRoundAndInTheMiddleOfTheirCells) {
  const HeatMapAxis rows{QStringLiteral("expert"), 256, {}, {}};
  const auto ticks = axisTicks(rows, {0, 256}, 6);
  ASSERT_EQ(ticks.size(), 6);
  EXPECT_EQ(ticks[1].label, QStringLiteral("50"));
  EXPECT_DOUBLE_EQ(ticks[1].cell, 50.5);
  const HeatMapAxis steps{QStringLiteral("step"),
                          3,
                          {},
                          std::make_shared<const StepColumns>(std::vector<std::int64_t>{0, 500, 1000})};
  const auto stepTicks = axisTicks(steps, {0, 3}, 3);
  ASSERT_EQ(stepTicks.size(), 3);
  EXPECT_EQ(stepTicks[2].label, QStringLiteral("1,000"));
  EXPECT_DOUBLE_EQ(stepTicks[2].cell, 2.5);
}

TEST(AxisTicksTest, LabelsAreThinnedAndStayInTheWindow) {
  const HeatMapAxis layers{QStringLiteral("layer"), 4, {"3", "7", "9", "all"}, {}};
  const auto all = axisTicks(layers, {0, 4}, 4);
  ASSERT_EQ(all.size(), 4);
  EXPECT_EQ(all[3].label, QStringLiteral("all"));
  EXPECT_EQ(axisTicks(layers, {0, 4}, 2).size(), 2);
  const auto part = axisTicks(layers, {1, 3}, 4);
  ASSERT_EQ(part.size(), 2);
  EXPECT_EQ(part[0].label, QStringLiteral("7"));
  EXPECT_TRUE(axisTicks({}, {0, 1}, 4).isEmpty());
}

}  // namespace
}  // namespace moesim::gui
