#include "gui/views/timeline_view.hpp"

#include <gtest/gtest.h>

#include <QAction>
#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QMouseEvent>
#include <QTest>
#include <QWheelEvent>
#include <limits>
#include <nlohmann/json.hpp>

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

TEST_F(TimelineViewTest, TheBubbleSaysWhatItIsAndWhatThatOfTheSummaryIs) {
  show(document());
  QString tip;
  for (const QLabel* label : view.findChildren<QLabel*>())
    if (label->text().contains(QStringLiteral("idle (bubble)"))) tip = label->toolTip();
  EXPECT_TRUE(tip.contains(QStringLiteral("bubble_fraction_mean"))) << tip.toStdString();
}

TEST_F(TimelineViewTest, ServingRunsSayWhichRequestsTheyRecord) {
  RunParts parts;
  parts.path = QStringLiteral("fleet.json");
  parts.result = std::make_shared<const Json>(Json::parse(R"({"kind": "serving"})"));
  show(std::make_shared<const RunDocument>(parts));
  for (const char* part : {"first 2,000 requests", "warm start", "moesim run SCENARIO -o FOLDER"})
    EXPECT_TRUE(view.emptyText().contains(QLatin1String(part))) << part;
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

TEST_F(TimelineViewTest, TheAxisIsSharedWhereOneResultAloneHasToScroll) {
  RunParts parts;
  parts.path = QStringLiteral("many");
  parts.names.lanes = {"computation"};
  std::vector<Span> spans;
  for (int gpu = 0; gpu < 500; ++gpu) spans.push_back({0, 1, gpu, gpu, 0, 0, 0, 0, 0});
  parts.timeline = std::make_shared<const pictures::SpanTimeline>(std::move(spans));
  show(document(), std::make_shared<const RunDocument>(parts));
  EXPECT_EQ(view.timeline(0).body().left(), view.timeline(1).body().left());
  EXPECT_EQ(view.timeline(0).body().width(), view.timeline(1).body().width());
}

TEST_F(TimelineViewTest, ADragSelectsARangeAndAClickASpan) {
  show(document());
  auto& widget = const_cast<TimelineWidget&>(view.timeline(0));
  const auto pointAt = [&](double time, int line) {
    const TimelineLine& shown = widget.rows().lines()[line];
    return QPoint(qRound(widget.axis().xOf(time)), widget.body().top() + widget.rows().topOf(shown, 0) + 3);
  };
  QTest::mouseClick(widget.viewport(), Qt::LeftButton, {}, pointAt(5, 0));
  ASSERT_TRUE(state.selectedSpan().has_value());
  EXPECT_EQ(widget.scene()->timeline().spans()[state.selectedSpan()->span].start_s, 4);
  EXPECT_EQ(state.layer(), 6);
  EXPECT_EQ(widget.rectOf(state.selectedSpan()->span).left(), widget.axis().xOf(4));
  QTest::keyClick(&widget, Qt::Key_Left);
  EXPECT_EQ(widget.scene()->timeline().spans()[state.selectedSpan()->span].start_s, 1);
  QTest::keyClick(&widget, Qt::Key_Down);
  EXPECT_EQ(widget.scene()->timeline().spans()[state.selectedSpan()->span].lane, 1);
  QTest::mousePress(widget.viewport(), Qt::LeftButton, {}, pointAt(2, 0));
  for (const QPointF to : {QPointF(pointAt(3, 0)), QPointF(pointAt(5, 1))}) {
    QMouseEvent move(QEvent::MouseMove, to, widget.viewport()->mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                     {});
    QApplication::sendEvent(widget.viewport(), &move);
  }
  QTest::mouseRelease(widget.viewport(), Qt::LeftButton, {}, pointAt(5, 1));
  ASSERT_TRUE(state.selectedRange().has_value());
  EXPECT_NEAR(state.selectedRange()->start, 2, 0.01);
  EXPECT_NEAR(state.selectedRange()->end, 5, 0.01);
  widget.zoomToSelection();
  EXPECT_EQ(state.timeRange(), *state.selectedRange());
  state.undoZoom();
  EXPECT_EQ(state.timeRange(), (TimeRange{0, 6}));
}

TEST_F(TimelineViewTest, TheWheelZoomsAtTheMouse) {
  show(document());
  auto& widget = const_cast<TimelineWidget&>(view.timeline(0));
  const QPointF at(widget.axis().xOf(2), 100);
  QWheelEvent wheel(at, widget.viewport()->mapToGlobal(at), {}, {0, 240}, Qt::NoButton, Qt::ControlModifier,
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(widget.viewport(), &wheel);
  EXPECT_LT(state.timeRange().length(), 4);
  EXPECT_NEAR(widget.axis().xOf(2), at.x(), 1e-6);
}

TEST_F(TimelineViewTest, PinnedAndCollapsedGpus) {
  show(document());
  auto& widget = const_cast<TimelineWidget&>(view.timeline(0));
  widget.toggleAllCollapsed();
  EXPECT_EQ(widget.rows().lines().size(), 2);
  widget.toggleAllCollapsed();
  EXPECT_EQ(widget.rows().lines().size(), 3);
  const int y = widget.body().top() + widget.rows().topOf(widget.rows().lines()[2], 0) + 4;
  QTest::mouseClick(widget.viewport(), Qt::LeftButton, {}, QPoint(widget.body().left() - 8, y));
  EXPECT_EQ(widget.rows().lines()[0].gpu, 1);
  EXPECT_TRUE(widget.rows().lines()[0].isPinned);
}

TEST_F(TimelineViewTest, SearchesLightSpans) {
  show(document());
  state.setSearchText(QStringLiteral("mlp"));
  wait();
  const TimelineColors colors(*view.timeline(0).scene(), ColorBy::phase, pictures::kThemes[0]);
  EXPECT_EQ(colorAt(0, 5.5, 0).rgb(), colors.phases[1]);
  EXPECT_NE(colorAt(0, 2.5, 0).rgb(), colors.phases[0]);
}

TEST_F(TimelineViewTest, EveryActionHasATextAndAShortcut) {
  EXPECT_GE(view.actions().size(), 10);
  for (const QAction* action : view.actions()) {
    EXPECT_FALSE(action->text().isEmpty());
    EXPECT_FALSE(action->shortcut().isEmpty());
  }
}

TEST_F(TimelineViewTest, ResultsWithoutUsableSpansSayWhatToDo) {
  RunParts parts;
  parts.path = QStringLiteral("nan");
  Span bad;
  bad.start_s = std::numeric_limits<double>::quiet_NaN();
  parts.timeline = std::make_shared<const pictures::SpanTimeline>(std::vector<Span>{bad});
  view.setDocuments(std::make_shared<const RunDocument>(parts), nullptr);
  EXPECT_FALSE(view.emptyText().isEmpty());
  EXPECT_TRUE(view.csv().isEmpty());
}

}  // namespace
}  // namespace moesim::gui
