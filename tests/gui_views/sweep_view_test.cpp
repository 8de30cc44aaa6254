#include "gui/views/sweep_view.hpp"

#include <gtest/gtest.h>

#include <QFile>
#include <QSignalSpy>
#include <QTableView>
#include <QtTest/QTest>

#include "gui/widgets/plot_widget.hpp"
#include "tests/gui_views/documents.hpp"

namespace moesim::gui {
namespace {

DocumentPtr sweepOf(int count) {
  RunParts parts;
  parts.path = QStringLiteral("grid.sweep");
  parts.result = std::make_shared<const Json>(Json::parse(R"({"kind": "sweep"})"));
  for (int i = 0; i < count; ++i) {
    SweepRun run;
    run.index = i;
    run.name = QStringLiteral("case %1").arg(i);
    Json changes = Json::object();
    changes["/layout/ep"] = 8 << i;
    run.changes = std::make_shared<const Json>(changes);
    Json result = Json::parse(R"({"schema_version": 1, "kind": "training"})");
    result["summary"] = Json{{"tokens_per_s_per_gpu", 1000 + 100 * i}, {"step_time_s", 20 - i * (4 - i)}};
    run.result = std::make_shared<const Json>(result);
    parts.sweep.push_back(run);
  }
  return std::make_shared<const RunDocument>(parts);
}

TEST(SweepViewTest, CasesAreColouredByAnAxis) {
  const SweepCases cases = sweepCases(*sweepOf(4));
  SweepChoice choice{QStringLiteral("step_time_s"), QStringLiteral("tokens_per_s_per_gpu"),
                     QStringLiteral("/layout/ep"), true};
  const SweepPlot plot = sweepPlot(cases, nullptr, choice, {}, {});
  // Steps take 20, 17, 16, 17 s at 1000, 1100, 1200, 1300 tokens/s: the last two beat the others.
  ASSERT_EQ(plot.picture.panels[0].curves.size(), 1 + 4);
  EXPECT_EQ(plot.lines[0], QVector<int>({2, 3}));
  EXPECT_EQ(plot.picture.panels[0].curves[2].name, QStringLiteral("ep 16"));
  EXPECT_EQ(plot.picture.x.unit, MetricUnit::seconds);
  choice.color.clear();
  choice.hasFront = false;
  EXPECT_EQ(sweepPlot(cases, nullptr, choice, {}, {}).picture.panels[0].curves.size(), 1);
}

TEST(SweepViewTest, ManyValuesAreShades) {
  const SweepCases cases = sweepCases(*sweepOf(12));
  const SweepChoice choice{QStringLiteral("step_time_s"), QStringLiteral("tokens_per_s_per_gpu"),
                           QStringLiteral("/layout/ep"), false};
  const SweepPlot plot = sweepPlot(cases, nullptr, choice, {}, {});
  ASSERT_EQ(plot.picture.panels[0].curves.size(), 1);
  EXPECT_EQ(plot.picture.panels[0].curves[0].shades.first(), 0);
  EXPECT_EQ(plot.picture.panels[0].curves[0].shades.last(), 1);
  EXPECT_EQ(plot.colorText, QStringLiteral("ep from 8 to 16384 by colour"));
}

TEST(SweepViewTest, AClickSelectsTheRowAndEnterOpensTheRun) {
  ViewState state;
  SweepView view(state);
  view.resize(900, 700);
  view.setDocuments(sweepOf(4), nullptr);
  view.grab();
  auto* plot = view.findChild<PlotWidget*>();
  const PlotCurve& curve = plot->picture().panels[0].curves.last();
  QTest::mouseClick(plot->focusProxy(), Qt::LeftButton, {},
                    plot->pixelOf(0, curve.x.last(), curve.y.last()).toPoint());
  const auto* table = view.findChild<QTableView*>();
  const QModelIndexList rows = table->selectionModel()->selectedRows();
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].data().toString(), QStringLiteral("case 3"));
  const QSignalSpy opened(&view, &View::openRequested);
  for (QAction* action : view.actions())
    if (action->shortcut() == QKeySequence(Qt::Key_Return)) action->trigger();
  ASSERT_EQ(opened.size(), 1);
  const auto document = RunDocument::load(opened[0][0].toString());
  EXPECT_EQ(document->summary()["tokens_per_s_per_gpu"], 1300);
}

TEST(SweepViewTest, SearchesWithoutAFrontAreShown) {
  ViewState state;
  SweepView view(state);
  view.resize(700, 500);
  view.setDocuments(documentOf(R"({"kind": "search", "summary": {"figure": "tokens_per_s_per_gpu",
      "best": [{"changes": {"/layout/ep": 64}, "value": 1590, "figures": {"step_time_s": 19}},
               {"changes": {"/layout/ep": 32}, "value": 1500, "figures": {"step_time_s": null}}]}})"),
                    nullptr);
  EXPECT_TRUE(view.emptyText().isEmpty());
  EXPECT_EQ(view.csv().count(QLatin1Char('\n')), 1 + 2);
  EXPECT_FALSE(view.grab().isNull());
  view.setDocuments(sweepOf(0), sweepOf(3));
  EXPECT_FALSE(view.emptyText().isEmpty());
  EXPECT_FALSE(view.grab().isNull());
}

}  // namespace
}  // namespace moesim::gui
