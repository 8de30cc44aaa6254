#include "gui/widgets/plot_widget.hpp"

#include <gtest/gtest.h>

#include <QAction>
#include <QApplication>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QWheelEvent>
#include <QtTest/QTest>
#include <cmath>

#include "gui/models/view_state.hpp"
#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

PlotPicture onePeak(int numPoints, int peak) {
  PlotPicture picture;
  PlotPanel panel;
  PlotCurve curve;
  curve.name = QStringLiteral("load");
  curve.color = 5;
  for (int i = 0; i < numPoints; ++i) {
    curve.x.append(i);
    curve.y.append(i == peak ? 1 : 0);
  }
  panel.curves.append(curve);
  picture.panels.append(panel);
  return picture;
}

PlotPicture points(const QVector<double>& x, const QVector<double>& y) {
  PlotPicture picture = onePeak(0, 0);
  picture.panels[0].curves[0].x = x;
  picture.panels[0].curves[0].y = y;
  picture.panels[0].curves[0].mark = PlotMark::points;
  return picture;
}

bool hasColor(const QImage& image, const QColor& color, QRect where) {
  for (int y = where.top(); y <= where.bottom(); ++y)
    for (int x = where.left(); x <= where.right(); ++x)
      if (image.valid(x, y) && image.pixelColor(x, y).rgb() == color.rgb()) return true;
  return false;
}

TEST(PlotWidgetTest, OnePeakAmongAMillionPointsIsSeen) {
  PlotWidget widget;
  widget.resize(640, 400);
  widget.setPicture(onePeak(1'000'000, 654'321));
  const QImage image = widget.grab().toImage();
  const QPointF top = widget.pixelOf(0, 654'321, 0.5);
  EXPECT_TRUE(hasColor(image, categoryColor(5), QRect(top.toPoint() - QPoint(3, 3), QSize(7, 7))));
  const QPointF beside = widget.pixelOf(0, 300'000, 0.5);
  EXPECT_FALSE(hasColor(image, categoryColor(5), QRect(beside.toPoint() - QPoint(3, 3), QSize(7, 7))));
}

TEST(PlotWidgetTest, ColoursFollowThePalette) {
  PlotWidget widget;
  widget.resize(320, 240);
  widget.setPicture(onePeak(10, 3));
  for (const ColorScheme scheme : {ColorScheme::dark, ColorScheme::light}) {
    setColorScheme(scheme);
    QCoreApplication::processEvents();
    const QImage image = widget.grab().toImage();
    EXPECT_EQ(image.pixelColor(1, 1), QApplication::palette().color(QPalette::Base));
  }
}

TEST(PlotWidgetTest, BarsBeyondTheColoursArePalerWithTheirColourAroundThem) {
  PlotPicture picture;
  picture.x.categories = QStringList{QStringLiteral("rank 0")};
  PlotPanel panel;
  for (const int color : {0, 8}) {
    PlotBars bars;
    bars.color = color;
    bars.values = {1};
    panel.bars.append(bars);
  }
  picture.panels.append(panel);
  for (const ColorScheme scheme : {ColorScheme::dark, ColorScheme::light}) {
    setColorScheme(scheme);
    PlotWidget widget;
    widget.resize(400, 300);
    widget.setPicture(picture);
    const QImage image = widget.grab().toImage();
    const QColor base = QApplication::palette().color(QPalette::Base);
    const auto fillAt = [&](double y) { return image.pixelColor(widget.pixelOf(0, 0, y).toPoint()); };
    EXPECT_EQ(fillAt(0.5), categoryColor(0));
    const QColor paler = fillAt(1.5);
    EXPECT_NE(paler, categoryColor(8));
    EXPECT_NE(paler, base);
    EXPECT_NEAR(paler.blue(), 0.4 * categoryColor(8).blue() + 0.6 * base.blue(), 1);
    const QPoint top = widget.pixelOf(0, 0, 2).toPoint();
    EXPECT_TRUE(hasColor(image, categoryColor(8), QRect(top - QPoint(2, 2), QSize(5, 5))));
  }
}

TEST(PlotWidgetTest, TheWheelZoomsAtTheCursorAndIsUndone) {
  PlotWidget widget;
  widget.resize(640, 400);
  widget.setPicture(points({0, 100}, {0, 100}));
  widget.grab();
  const PlotRange before = widget.rangeX();
  const QPointF place = widget.pixelOf(0, 25, 50);
  QWidget* canvas = widget.focusProxy();
  QWheelEvent event(place, canvas->mapToGlobal(place.toPoint()), {}, QPoint(0, 120), Qt::NoButton,
                    Qt::NoModifier, Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(canvas, &event);
  EXPECT_NEAR(widget.rangeX().high - widget.rangeX().low, 0.8 * (before.high - before.low), 1e-9);
  EXPECT_NEAR(widget.pixelOf(0, 25, 50).x(), place.x(), 0.5);
  widget.undoZoom();
  EXPECT_EQ(widget.rangeX(), before);
  widget.redoZoom();
  EXPECT_LT(widget.rangeX().high, before.high);
}

TEST(PlotWidgetTest, TimeAxesShareZoomAndHover) {
  ViewState state;
  state.setFullRange({0, 100});
  PlotWidget first(state);
  PlotWidget second(state);
  for (PlotWidget* widget : {&first, &second}) {
    widget->resize(640, 300);
    widget->setPicture(onePeak(101, 30));
  }
  first.zoomIn();
  EXPECT_EQ(second.rangeX(), (PlotRange{25, 75}));
  EXPECT_GT(second.rangeY(0).high, 1);
  state.setTimeRange({60, 80});
  // The peak is out of sight, so the axis is that of zeros.
  EXPECT_EQ(first.rangeY(0), (PlotRange{0, 1}));
  first.undoZoom();
  EXPECT_EQ(state.timeRange(), (TimeRange{25, 75}));
  first.grab();
  const QPointF place = first.pixelOf(0, 50, 0.5);
  QMouseEvent move(QEvent::MouseMove, place, place, Qt::NoButton, Qt::NoButton, Qt::NoModifier);
  QCoreApplication::sendEvent(first.focusProxy(), &move);
  ASSERT_TRUE(state.hoverTime().has_value());
  EXPECT_NEAR(*state.hoverTime(), 50, 0.2);
  EXPECT_EQ(first.hoverText(first.pixelOf(0, 30, 0.5)), QStringLiteral(": 30\nload: 1"));
}

TEST(PlotWidgetTest, DraggingWithShiftSelectsTime) {
  ViewState state;
  state.setFullRange({0, 100});
  PlotWidget widget(state);
  widget.resize(640, 300);
  widget.setPicture(onePeak(101, 30));
  widget.grab();
  const QPoint from = widget.pixelOf(0, 60, 0.5).toPoint();
  const QPointF to = widget.pixelOf(0, 20, 0.5);
  QTest::mousePress(widget.focusProxy(), Qt::LeftButton, Qt::ShiftModifier, from);
  QMouseEvent move(QEvent::MouseMove, to, to, Qt::NoButton, Qt::LeftButton, Qt::ShiftModifier);
  QCoreApplication::sendEvent(widget.focusProxy(), &move);
  QTest::mouseRelease(widget.focusProxy(), Qt::LeftButton, Qt::ShiftModifier, to.toPoint());
  ASSERT_TRUE(state.selectedRange().has_value());
  EXPECT_NEAR(state.selectedRange()->start, 20, 0.3);
  EXPECT_NEAR(state.selectedRange()->end, 60, 0.3);
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 100}));
  EXPECT_FALSE(widget.grab().isNull());
}

TEST(PlotWidgetTest, AClickOnAPointTellsIt) {
  PlotWidget widget;
  widget.resize(640, 400);
  widget.setPicture(points({0, 50, 100}, {0, 80, 100}));
  widget.grab();
  const QSignalSpy clicks(&widget, &PlotWidget::pointClicked);
  QTest::mouseClick(widget.focusProxy(), Qt::LeftButton, {}, widget.pixelOf(0, 50, 80).toPoint());
  QTest::mouseClick(widget.focusProxy(), Qt::LeftButton, {}, widget.pixelOf(0, 50, 20).toPoint());
  ASSERT_EQ(clicks.size(), 1);
  EXPECT_EQ(clicks[0][2].toInt(), 1);
}

TEST(PlotWidgetTest, PanelsStandInColumnsWhereThereIsRoom) {
  PlotPicture picture = points({0, 50, 100}, {0, 80, 100});
  picture.columns = 2;
  picture.x.label = QStringLiteral("time");
  picture.panels[0].title = QStringLiteral("one");
  for (int i = 0; i < 4; ++i) picture.panels.append(picture.panels[0]);
  PlotWidget widget;
  widget.resize(1000, 600);
  widget.setPicture(picture);
  widget.grab();
  EXPECT_EQ(widget.panelRect(0).top(), widget.panelRect(1).top());
  EXPECT_EQ(widget.panelRect(2).height(), widget.panelRect(3).height());
  EXPECT_EQ(widget.panelRect(0).left(), widget.panelRect(4).left());
  EXPECT_GT(widget.panelRect(1).left(), widget.panelRect(0).right());
  EXPECT_NEAR(widget.panelRect(0).height(), widget.panelRect(4).height(), 6);
  // The mouse finds a point of the second column at its place.
  const QString text = widget.hoverText(widget.pixelOf(3, 50, 80));
  EXPECT_TRUE(text.contains(QStringLiteral("80"))) << text.toStdString();
  widget.resize(240, 600);
  widget.grab();
  EXPECT_GT(widget.panelRect(1).top(), widget.panelRect(0).bottom());
}

TEST(PlotWidgetTest, WhatCannotBeDrawnIsAGap) {
  const double inf = INFINITY;
  PlotWidget widget;
  widget.resize(320, 240);
  for (const auto& picture : {PlotPicture(), points({}, {}), points({std::nan(""), inf}, {1, 2}),
                              points({0, 1, 2}, {1e308, -1e308, inf}), points({1, 1}, {3, 3})}) {
    widget.setPicture(picture);
    EXPECT_FALSE(widget.grab().isNull());
    widget.zoomIn();
    widget.zoomOut();
    widget.panLeft();
    widget.fit();
    EXPECT_FALSE(widget.grab().isNull());
  }
}

TEST(PlotWidgetTest, EveryActionHasTextAndKey) {
  PlotWidget widget;
  QWidget view;
  widget.addActionsTo(view);
  ASSERT_GE(view.actions().size(), 6);
  for (const QAction* action : view.actions()) {
    EXPECT_FALSE(action->text().isEmpty());
    EXPECT_FALSE(action->shortcut().isEmpty());
  }
}

}  // namespace
}  // namespace moesim::gui
