#include "gui/views/memory_view.hpp"

#include <gtest/gtest.h>

#include "gui/widgets/plot_widget.hpp"
#include "tests/gui_views/documents.hpp"

namespace moesim::gui {
namespace {

MemoryPicture twoRanks() {
  MemoryPicture memory;
  memory.axis = QStringLiteral("pipeline rank");
  memory.items = QStringList{QStringLiteral("weights"), QStringLiteral("moments")};
  memory.columns = {{QStringLiteral("0"), 30e9, {{memory.items[0], 10e9}, {memory.items[1], 20e9}}},
                    {QStringLiteral("1"), 10e9, {{memory.items[0], 10e9}}}};
  memory.capacity = 85e9;
  memory.reserve = 4e9;
  return memory;
}

TEST(MemoryViewTest, ItemsAreStackedBelowTheCapacity) {
  const PlotPicture picture = memoryPlot(twoRanks(), {}, nullptr, {});
  ASSERT_EQ(picture.panels.size(), 1);
  const PlotPanel& panel = picture.panels[0];
  ASSERT_EQ(panel.bars.size(), 2);
  EXPECT_DOUBLE_EQ(barBox(panel, 1, 0).top, 30e9);
  EXPECT_DOUBLE_EQ(barBox(panel, 1, 1).top, barBox(panel, 1, 1).bottom);
  ASSERT_EQ(panel.levels.size(), 2);
  EXPECT_EQ(panel.levels[1].value, 81e9);
  EXPECT_GT(fullRangeY(panel, picture.x, {-0.5, 1.5}).high, 85e9);
}

TEST(MemoryViewTest, TwoResultsStandSideBySide) {
  const MemoryPicture first = twoRanks();
  const MemoryPicture second = twoRanks();
  const PlotPicture picture = memoryPlot(first, QStringLiteral("a"), &second, QStringLiteral("b"));
  ASSERT_EQ(picture.panels[0].bars.size(), 4);
  EXPECT_LT(barBox(picture.panels[0], 0, 0).left, barBox(picture.panels[0], 2, 0).left);
  EXPECT_TRUE(picture.panels[0].bars[2].isSecond);
}

TEST(MemoryViewTest, ResultsWithoutItemsShowTotals) {
  ViewState state;
  MemoryView view(state);
  view.resize(600, 400);
  view.setDocuments(
      documentOf(R"({"kind": "training", "summary": {"memory_per_gpu_B": {"by_stage": [70e9, 72e9]}}})"),
      nullptr);
  EXPECT_TRUE(view.emptyText().isEmpty());
  EXPECT_EQ(view.csv(), QStringLiteral("pipeline rank,curve,value\r\n0,,70000000000\r\n1,,72000000000\r\n"));
  const auto* plot = view.findChild<PlotWidget*>();
  EXPECT_EQ(plot->rangeX(), (PlotRange{-0.5, 1.5}));
  EXPECT_EQ(plot->rangeY(0).low, 0);
  EXPECT_GT(plot->rangeY(0).high, 72e9);
  EXPECT_FALSE(view.grab().isNull());
}

}  // namespace
}  // namespace moesim::gui
