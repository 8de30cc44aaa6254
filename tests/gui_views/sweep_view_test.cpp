#include "gui/views/sweep_view.hpp"

#include <gtest/gtest.h>

#include <QAction>
#include <QClipboard>
#include <QFile>
#include <QGuiApplication>
#include <QLabel>
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

void trigger(const SweepView& view, const char* keys) {
  for (QAction* action : view.actions())
    if (action->shortcut() == QKeySequence(QString::fromLatin1(keys))) action->trigger();
}

TEST(SweepViewTest, ACaseOfASearchGoesToTheEditorAndItsCommandToTheClipboard) {
  ViewState state;
  SweepView view(state);
  view.resize(900, 700);
  view.setDocuments(documentOf(R"({"kind": "search", "scenario": {"kind": "training", "layout": {"ep": 8}},
      "summary": {"best": [{"changes": {"/layout/ep": 64}, "value": 2},
                           {"changes": {"/layout/ep": 32}, "value": 1}]}})",
                               {}, QStringLiteral("/a/found.json")),
                    nullptr);
  const QSignalSpy edited(&view, &View::editRequested);
  trigger(view, "Return");
  EXPECT_TRUE(edited.isEmpty());  // nothing is chosen
  view.findChild<QTableView*>()->selectRow(1);
  trigger(view, "Return");
  ASSERT_EQ(edited.size(), 1);
  EXPECT_EQ(*edited[0][0].value<std::shared_ptr<const Json>>(),
            Json::parse(R"({"kind": "training", "layout": {"ep": 32}})"));
  EXPECT_EQ(edited[0][1].toString(), QStringLiteral("found-best-2"));
  EXPECT_EQ(edited[0][2].toString(), QStringLiteral("/a"));
  trigger(view, "Ctrl+Shift+C");
  EXPECT_EQ(QGuiApplication::clipboard()->text(),
            QStringLiteral("moesim run SCENARIO --set /layout/ep=32 -o FOLDER"));
}

TEST(SweepViewTest, WithoutAScenarioTheCommandIsShown) {
  ViewState state;
  SweepView view(state);
  view.setDocuments(documentOf(R"({"kind": "sweep", "figure": "step_time_s", "best": [
      {"name": "a", "changes": {"/layout/ep": 64}, "value": 2}]})"),
                    nullptr);
  view.findChild<QTableView*>()->selectRow(0);
  QStringList texts;
  for (const QLabel* label : view.findChildren<QLabel*>()) texts.append(label->text());
  EXPECT_TRUE(
      texts.join(QLatin1Char('|'))
          .contains(QStringLiteral("<code>moesim run SCENARIO --set /layout/ep=64 -o FOLDER</code>")));
  const QSignalSpy edited(&view, &View::editRequested);
  trigger(view, "Return");
  EXPECT_TRUE(edited.isEmpty());
}

TEST(SweepViewTest, CsvHoldsEveryDigitUnderTheKeysOfTheResult) {
  ViewState state;
  SweepView view(state);
  view.setDocuments(documentOf(R"({"kind": "search", "summary": {"figure": "step_time_s",
      "best": [{"changes": {"/layout/ep": 64}, "value": 19.123456789012345},
               {"changes": {"/layout/ep": 32}, "value": 0.1}]}})"),
                    nullptr);
  EXPECT_EQ(view.csv(), QStringLiteral("Case,/layout/ep,step_time_s\r\n"
                                       "best 1,64,19.123456789012344\r\nbest 2,32,0.1\r\n"));
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
