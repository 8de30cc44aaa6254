#include "gui/widgets/plot_topology.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QtTest/QTest>
#include <cmath>

#include "gui/widgets/theme.hpp"
#include "reports/pictures/color_map.hpp"

namespace moesim::gui {
namespace {

TEST(TopologyWidgetTest, GpusHaveTheColourOfTheirLoad) {
  TopologyWidget widget;
  widget.resize(800, 400);
  TopologyPicture picture;
  picture.numNodes = 8;
  picture.gpusPerNode = 8;
  picture.network = QStringLiteral("two-level fat tree");
  picture.loads.assign(64, 0);
  picture.loads[42] = 7;
  picture.loads[43] = std::nan("");
  widget.setPicture(picture);
  const QImage image = widget.grab().toImage();
  const auto colorOf = [&](int gpu) {
    return image.pixelColor((widget.gpuRect(gpu).topLeft() + QPointF(3, 3)).toPoint());
  };
  EXPECT_EQ(colorOf(42), qColor(pictures::color_at(pictures::sequential_map(), 1)));
  EXPECT_EQ(colorOf(41), qColor(pictures::color_at(pictures::sequential_map(), 0)));
  EXPECT_EQ(colorOf(43), qColor(pictureTheme(widget.palette()).missing));
}

TEST(TopologyWidgetTest, AClickTellsTheGpu) {
  TopologyWidget widget;
  widget.resize(800, 400);
  TopologyPicture picture;
  picture.numNodes = 4;
  picture.gpusPerNode = 4;
  widget.setPicture(picture);
  const QSignalSpy clicks(&widget, &TopologyWidget::gpuClicked);
  for (int gpu = 0; gpu < 16; ++gpu) {
    EXPECT_EQ(widget.gpuAt(widget.gpuRect(gpu).center()), gpu);
    EXPECT_TRUE(widget.nodeRect(gpu / 4).contains(widget.gpuRect(gpu)));
  }
  QTest::mouseClick(&widget, Qt::LeftButton, {}, widget.gpuRect(9).center().toPoint());
  ASSERT_EQ(clicks.size(), 1);
  EXPECT_EQ(clicks[0][0].toInt(), 9);
}

TEST(TopologyWidgetTest, AnyNumberOfNodesIsDrawn) {
  TopologyWidget widget;
  widget.resize(300, 200);
  for (const auto& [nodes, gpus] :
       {std::pair(0, 0), std::pair(0, 8), std::pair(1, 1), std::pair(1, 72), std::pair(4096, 8)}) {
    TopologyPicture picture;
    picture.numNodes = nodes;
    picture.gpusPerNode = gpus;
    widget.setPicture(picture);
    EXPECT_FALSE(widget.grab().isNull());
    EXPECT_EQ(widget.gpuAt(QPointF(-5, -5)), -1);
  }
}

}  // namespace
}  // namespace moesim::gui
