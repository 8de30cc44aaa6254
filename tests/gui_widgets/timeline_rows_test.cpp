#include "gui/widgets/timeline_rows.hpp"

#include <gtest/gtest.h>

namespace moesim::gui {
namespace {

/// Three GPUs with computation and two lanes of transfers.
SpanScenePtr scene(const QString& search = {}) {
  RunParts parts;
  parts.names.lanes = {"computation", "communication", "send_forward"};
  std::vector<Span> spans;
  for (int gpu = 0; gpu < 3; ++gpu)
    for (int lane = 0; lane < 3; ++lane)
      spans.push_back({0, 1, gpu * 8, gpu, 0, 0, 0, static_cast<std::uint8_t>(lane), 0});
  parts.timeline = std::make_shared<const pictures::SpanTimeline>(std::move(spans));
  return wholeScene(bareScene(std::make_shared<const RunDocument>(parts)), search, [] { return true; });
}

QStringList labels(const TimelineRows& rows) {
  QStringList texts;
  for (const TimelineLine& line : rows.lines()) texts.append(line.label);
  return texts;
}

TEST(TimelineRowsTest, EveryLaneIsALineOfItsGpu) {
  TimelineRows rows;
  rows.layout(*scene(), {10, 0});
  ASSERT_EQ(rows.lines().size(), 9);
  EXPECT_EQ(labels(rows).mid(3, 3),
            (QStringList{QStringLiteral("rank 1 (GPU 8)"), QStringLiteral("communication"),
                         QStringLiteral("send forward")}));
  EXPECT_TRUE(rows.lines()[3].isHead);
  EXPECT_TRUE(rows.lines()[3].isComputation);
  EXPECT_FALSE(rows.lines()[4].isComputation);
  EXPECT_EQ(rows.scrolledHeight(), 90);
}

TEST(TimelineRowsTest, LinesGrowIntoTheRoomThatIsThere) {
  TimelineRows rows;
  rows.layout(*scene(), {10, 240});
  // 90 are taken, 150 left for 12 weights, of which computation has two.
  EXPECT_EQ(rows.lines()[0].height, 10 + 25);
  EXPECT_EQ(rows.lines()[1].height, 10 + 12);
  EXPECT_LE(rows.scrolledHeight(), 240);
}

TEST(TimelineRowsTest, WhatDoesNotFitIsCollapsedAtFirst) {
  TimelineRows rows;
  rows.fit(*scene(), {10, 80});
  rows.layout(*scene(), {10, 80});
  EXPECT_EQ(rows.lines().size(), 3);
  rows.setCollapsed(8, false);
  rows.layout(*scene(), {10, 80});
  EXPECT_EQ(rows.lines().size(), 5);
  rows.fit(*scene(), {10, 90});
  rows.layout(*scene(), {10, 90});
  EXPECT_EQ(rows.lines().size(), 9);
}

TEST(TimelineRowsTest, PinnedGpusStayAtTheTop) {
  TimelineRows rows;
  rows.collapseAll(scene()->timeline(), true);
  rows.setPinned(16, true);
  rows.layout(*scene(), {10, 0});
  ASSERT_EQ(rows.lines().size(), 3);
  EXPECT_EQ(rows.lines()[0].gpu, 16);
  EXPECT_EQ(rows.pinnedHeight(), 10);
  EXPECT_EQ(rows.lineAt(5, 7), 0);
  EXPECT_EQ(rows.lineAt(10, 0), 1);
  EXPECT_EQ(rows.lineAt(14, 7), 2);
  EXPECT_EQ(rows.lineAt(500, 0), -1);
  EXPECT_EQ(rows.topOf(rows.lines()[0], 7), 0);
  EXPECT_EQ(rows.topOf(rows.lines()[1], 7), 3);
}

TEST(TimelineRowsTest, SearchesForRanksLeaveRowsOut) {
  TimelineRows rows;
  rows.layout(*scene(QStringLiteral("rank 2")), {10, 0});
  EXPECT_EQ(rows.lines().size(), 3);
  EXPECT_EQ(rows.lines()[0].gpu, 16);
}

}  // namespace
}  // namespace moesim::gui
