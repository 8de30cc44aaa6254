#include "gui/widgets/heat_map_widget.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <vector>

#include "gui/widgets/color_bar_widget.hpp"
#include "gui/widgets/theme.hpp"
#include "reports/pictures/lod_pyramid.hpp"

namespace moesim::gui {
namespace {

constexpr int kRows = 256;
constexpr int kColumns = 5000;
constexpr pictures::ColorScale kScale{0, 8, false};

/// Cells at the mean and one that is hot.
HeatMapWidget::CellsPtr cellsWith(QPoint hot, float load, int rows = kRows, int columns = kColumns) {
  auto pyramid = std::make_shared<pictures::LodPyramid>(static_cast<std::size_t>(rows));
  std::vector<float> cells(static_cast<std::size_t>(rows), 1);
  for (int column = 0; column < columns; ++column) {
    const auto row = static_cast<std::size_t>(hot.y());
    if (column == hot.x()) cells[row] = load;
    pyramid->append(cells);
    cells[row] = 1;
  }
  return pyramid;
}

void prepare(HeatMapWidget& map, const HeatMapWidget::CellsPtr& cells) {
  map.resize(1600, 700);
  map.setColumnAxis({QStringLiteral("step"), static_cast<int>(cells->num_columns()), {}, {}});
  map.setRowAxis({QStringLiteral("expert"), static_cast<int>(cells->num_rows()), {}, {}});
  map.setColors(pictures::sequential_map(), kScale);
  map.setCells(cells);
}

/// Pixels of a colour, and the middle of them in the widget.
struct Found {
  int count = 0;
  QPoint place;
};

Found findColor(const QImage& image, const QRect& plot, QRgb color) {
  Found found;
  for (int y = plot.top(); y <= plot.bottom(); ++y) {
    for (int x = plot.left(); x <= plot.right(); ++x) {
      if (image.pixel(x, y) != color) continue;
      ++found.count;
      found.place = {x, y};
    }
  }
  return found;
}

QRgb colorOf(double load) {
  return qColor(pictures::color_at(pictures::sequential_map(), kScale.position(load))).rgb();
}

class HotCellTest : public testing::TestWithParam<QPoint> {};

TEST_P(HotCellTest, IsSeenWhereItIsAndFoundByTheMouse) {
  HeatMapWidget map;
  prepare(map, cellsWith(GetParam(), 8));
  const QImage image = map.grab().toImage();
  const Found found = findColor(image, map.plotRect(), colorOf(8));
  ASSERT_GE(found.count, 1);
  const QRectF place = map.rectOf(GetParam()).adjusted(-1, -1, 1, 1);
  EXPECT_TRUE(place.contains(found.place));
  EXPECT_EQ(map.cellUnder(found.place), GetParam());
}

/// Columns over the whole width, at distances without a common factor with the pixels, and the corners.
std::vector<QPoint> hotCells() {
  std::vector<QPoint> cells{{0, 0}, {kColumns - 1, 0}, {0, kRows - 1}, {kColumns - 1, kRows - 1}};
  for (int i = 1; i <= 8; ++i) cells.emplace_back(i * 607 % kColumns, i * 31 % kRows);
  return cells;
}

INSTANTIATE_TEST_SUITE_P(Places, HotCellTest, testing::ValuesIn(hotCells()));

TEST(HeatMapWidgetTest, EveryOneOfManyHotCellsIsInThePicture) {
  // As many places as the measurement of a sampling map that lost most of them.
  HeatMapWidget map;
  int seen = 0;
  for (int i = 0; i < 40; ++i) {
    prepare(map, cellsWith({i * 127 % kColumns, i * 89 % kRows}, 8));
    const QImage& image = map.image();
    seen += findColor(image, image.rect(), colorOf(8)).count > 0 ? 1 : 0;
  }
  EXPECT_EQ(seen, 40);
}

TEST(HeatMapWidgetTest, ZoomsAtTheCursorPansAndClicks) {
  HeatMapWidget map;
  prepare(map, cellsWith({2500, 128}, 8));
  QObject::connect(&map, &CellPlot::columnWindowAsked, &map,
                   [&map](const CellWindow& window) { map.setColumnWindow(window); });
  QSignalSpy clicks(&map, &CellPlot::cellClicked);
  const QPoint place(static_cast<int>(map.xOf(2500.5)), static_cast<int>(map.yOf(128.5)));
  const double before = cellAt(map.columnWindow(), place.x() - map.plotRect().x(), map.plotRect().width());
  QWheelEvent wheel(place, map.mapToGlobal(place), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(&map, &wheel);
  EXPECT_DOUBLE_EQ(map.columnWindow().length(), 4000);
  EXPECT_NEAR(cellAt(map.columnWindow(), place.x() - map.plotRect().x(), map.plotRect().width()), before,
              1e-6);
  QTest::mousePress(&map, Qt::LeftButton, {}, place);
  QTest::mouseMove(&map, place - QPoint(60, 0));
  QTest::mouseRelease(&map, Qt::LeftButton, {}, place - QPoint(60, 0));
  EXPECT_EQ(clicks.size(), 0);
  EXPECT_NEAR(cellAt(map.columnWindow(), place.x() - 60 - map.plotRect().x(), map.plotRect().width()), before,
              1e-6);
  QTest::mouseClick(&map, Qt::LeftButton, {}, place - QPoint(60, 0));
  ASSERT_EQ(clicks.size(), 1);
  EXPECT_EQ(clicks[0][0].toPoint().y(), 128);
  QTest::keyClick(&map, Qt::Key_F);
  EXPECT_EQ(map.columnWindow(), (CellWindow{0, kColumns}));
}

TEST(HeatMapWidgetTest, KeysMoveTheSelection) {
  HeatMapWidget map;
  prepare(map, cellsWith({1, 1}, 8, 4, 4));
  QObject::connect(&map, &CellPlot::cellClicked, &map, [&map](QPoint cell) { map.setSelectedCell(cell); });
  map.setSelectedCell({1, 1});
  for (const auto key : {Qt::Key_Right, Qt::Key_Down, Qt::Key_Down, Qt::Key_Down, Qt::Key_Left})
    QTest::keyClick(&map, key);
  EXPECT_EQ(map.selectedCell(), QPoint(1, 3));
}

TEST(HeatMapWidgetTest, NothingAndNoDataAreDrawnAsMissing) {
  HeatMapWidget map;
  map.resize(300, 200);
  const QRgb missing = qColor(pictureTheme(map.palette()).missing).rgb();
  EXPECT_EQ(map.image().pixel(5, 5), missing);
  EXPECT_EQ(map.cellUnder({150, 100}), QPoint(-1, -1));
  prepare(map, cellsWith({0, 0}, pictures::kNoData, 4, 4));
  EXPECT_EQ(map.image().pixel(2, 2), missing);
  EXPECT_FALSE(map.grab().isNull());
}

TEST(ColorBarWidgetTest, PrintsItsRangeAndWhatLiesBeyond) {
  ColorBarWidget bar;
  bar.resize(120, 400);
  bar.setColors(pictures::sequential_map(), {0, 4, false});
  ASSERT_FALSE(bar.ticks().isEmpty());
  EXPECT_EQ(bar.ticks().first().cell, 0);
  EXPECT_EQ(bar.ticks().last().cell, 1);
  bar.setOpenEnds(false, true);
  EXPECT_EQ(bar.ticks().last().label, QStringLiteral("\u2265 4"));
  bar.setColors(pictures::sequential_map(), {0.1, 60, true});
  EXPECT_EQ(bar.ticks().last().label, QStringLiteral("\u2265 60"));
  EXPECT_FALSE(bar.grab().isNull());
  QSignalSpy scaled(&bar, &ColorBarWidget::highScaled);
  QWheelEvent wheel(QPointF(10, 50), QPointF(10, 50), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(&bar, &wheel);
  ASSERT_EQ(scaled.size(), 1);
  EXPECT_DOUBLE_EQ(scaled[0][0].toDouble(), 0.9);
}

}  // namespace
}  // namespace moesim::gui
