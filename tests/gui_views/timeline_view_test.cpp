#include "gui/views/timeline_view.hpp"

#include <gtest/gtest.h>

#include <QElapsedTimer>
#include <QSignalSpy>

#include "gui/widgets/timeline_widget.hpp"

namespace moesim::gui {
namespace {

/// Two GPUs: computation 1 s to 3 s and 4 s to 6 s on the first with a transfer from 2 s to 5 s, so that it
/// is exposed for 1 s; the second computes from 0 s to 2 s of 6 s.
DocumentPtr document(const QString& path = QStringLiteral("a/records.moesim")) {
  RunParts parts;
  parts.path = path;
  parts.names = {{"attention_forward", "mlp_backward", "dispatch_forward"},
                 {"computation", "communication"},
                 {"forward", "backward"}};
  parts.timeline =
      std::make_shared<const pictures::SpanTimeline>(std::vector<Span>{{1, 3, 0, 0, 5, 0, 0, 0, 0},
                                                                       {4, 6, 0, 0, 6, 1, 1, 0, 1},
                                                                       {2, 5, 0, 0, 5, 0, 2, 1, 0},
                                                                       {0, 2, 1, 1, 7, 2, 0, 0, 0}});
  return std::make_shared<const RunDocument>(parts);
}

/// Shows documents and waits for the picture.
class TimelineViewTest : public testing::Test {
 protected:
  void show(const DocumentPtr& first, const DocumentPtr& second = nullptr) {
    state.setFullRange({0, 6});
    view.resize(1280, 720);
    view.setDocuments(first, second);
    view.show();
    wait();
  }
  void wait() {
    QElapsedTimer timer;
    timer.start();
    do QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
    while (!view.isReady() && timer.elapsed() < 20'000);
    ASSERT_TRUE(view.isReady());
  }
  QColor colorAt(int document, double time, int line) {
    const TimelineWidget& widget = view.timeline(document);
    const TimelineLine& shown = widget.rows().lines()[line];
    const QPoint at(static_cast<int>(widget.axis().xOf(time)),
                    widget.body().top() + widget.rows().topOf(shown, 0) + shown.height / 3);
    return widget.viewport()->grab().toImage().pixelColor(at);
  }

  ViewState state;
  TimelineView view{state};
};

TEST_F(TimelineViewTest, SpansHaveTheColourOfTheirPhase) {
  show(document());
  const auto& lines = view.timeline(0).rows().lines();
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(lines[0].label, QStringLiteral("rank 0"));
  EXPECT_EQ(lines[1].label, QStringLiteral("communication"));
  const TimelineColors colors(*view.timeline(0).scene(), ColorBy::phase, pictures::kThemes[0]);
  EXPECT_EQ(colorAt(0, 2.5, 0).rgb(), colors.phases[0]);
  EXPECT_EQ(colorAt(0, 5.5, 0).rgb(), colors.phases[1]);
  EXPECT_EQ(colorAt(0, 4.5, 1).rgb(), colors.phases[2]);
  EXPECT_EQ(colorAt(0, 1.5, 2).rgb(), colors.phases[0]);
  EXPECT_EQ(colorAt(0, 3.5, 2).rgb(), colors.idle);
}

TEST_F(TimelineViewTest, TotalsOfASelectedRange) {
  show(document());
  state.setSelectedRange(TimeRange{2, 5});
  wait();
  const QString csv = view.csv();
  EXPECT_TRUE(csv.startsWith(QStringLiteral("lane,phase,"))) << csv.toStdString();
  // The first GPU computes 1 s + 1 s of 3 s, transfers alone for 1 s; the second does nothing.
  EXPECT_TRUE(csv.contains(QStringLiteral("all,computation,2 s,33.3 %"))) << csv.toStdString();
  EXPECT_TRUE(csv.contains(QStringLiteral("all,exposed communication,1 s,16.7 %"))) << csv.toStdString();
  EXPECT_TRUE(csv.contains(QStringLiteral("all,idle (bubble),3 s,50.0 %"))) << csv.toStdString();
}

TEST_F(TimelineViewTest, CsvHasTheSpansThatAreShown) {
  show(document());
  state.setTimeRange({4.5, 5.5});
  wait();
  EXPECT_EQ(view.csv().count(QLatin1Char('\n')), 3);
}

TEST_F(TimelineViewTest, TwoResultsShareTheAxis) {
  show(document(), document(QStringLiteral("b/records.moesim")));
  EXPECT_EQ(view.timeline(0).body().left(), view.timeline(1).body().left());
  EXPECT_EQ(view.timeline(0).body().width(), view.timeline(1).body().width());
  EXPECT_EQ(view.timeline(1).rows().lines().size(), 3);
}

}  // namespace
}  // namespace moesim::gui
