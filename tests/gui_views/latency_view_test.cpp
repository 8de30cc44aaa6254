#include "gui/views/latency_view.hpp"

#include <gtest/gtest.h>

#include "gui/views/curve_csv.hpp"
#include "gui/views/latency_plots.hpp"
#include "gui/widgets/plot_widget.hpp"
#include "tests/gui_views/documents.hpp"

namespace moesim::gui {
namespace {

DocumentPtr serving(double p99, const QString& path) {
  Json result = Json::parse(R"({"kind": "serving", "scenario": {"slo": {"ttft": "2 s"}},
      "summary": {"ttft_s": {"mean": 0.6, "p50": 0.63, "p90": 0.69}, "tpot_s": {"mean": 0.05}}})");
  result["summary"]["ttft_s"]["p99"] = p99;
  return documentOf(result.dump(), {{"decode/step_time", "s", {0, 1, 2}, {0.05, 0.07, 0.06}}}, path,
                    {{"ttft_s", "s", {0.5, 0.6, 0.7, p99}, {0, 5, 4, 1}}});
}

TEST(LatencyViewTest, BarsAreStatisticsOfBothResults) {
  const DocumentPtr first = serving(0.71, QStringLiteral("a.json"));
  const DocumentPtr second = serving(3.5, QStringLiteral("b.json"));
  const PlotPicture picture = latencyBars(QStringLiteral("ttft_s"), *first, second.get());
  ASSERT_EQ(picture.panels.size(), 1);
  const PlotPanel& panel = picture.panels[0];
  ASSERT_EQ(panel.bars.size(), 2);
  EXPECT_EQ(panel.bars[1].values[3], 3.5);
  EXPECT_LT(barBox(panel, 0, 3).left, barBox(panel, 1, 3).left);
  ASSERT_EQ(panel.levels.size(), 1);
  EXPECT_EQ(panel.levels[0].value, 2);
  EXPECT_TRUE(latencyBars(QStringLiteral("e2e_s"), *first, second.get()).panels.isEmpty());
}

TEST(LatencyViewTest, DistributionsOfBothResultsHaveTheirPercentilesMarked) {
  const DocumentPtr first = serving(0.71, QStringLiteral("a.json"));
  const DocumentPtr second = serving(3.5, QStringLiteral("b.json"));
  const PlotPicture picture = latencyShares(QStringLiteral("ttft_s"), *first, second.get());
  ASSERT_EQ(picture.panels.size(), 1);
  EXPECT_TRUE(picture.x.isLog);
  const PlotPanel& panel = picture.panels[0];
  EXPECT_EQ(panel.title, QStringLiteral("TTFT"));
  ASSERT_EQ(panel.curves.size(), 5);  // a distribution and its marks of each, one SLO
  EXPECT_EQ(panel.curves[0].x, QVector<double>({0.5, 0.6, 0.7, 0.71}));
  EXPECT_EQ(panel.curves[0].y, QVector<double>({0, 0.5, 0.9, 1}));
  ASSERT_EQ(panel.curves[1].x.size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(panel.curves[1].x[i], QVector<double>({0.6, 0.7, 0.709})[i], 1e-12);
  EXPECT_EQ(panel.curves[1].y, QVector<double>({0.5, 0.9, 0.99}));
  EXPECT_EQ(panel.curves[1].name, QStringLiteral("a: p50 630 ms, p90 690 ms, p99 710 ms"));
  EXPECT_FALSE(panel.curves[0].isSecond);
  EXPECT_TRUE(panel.curves[2].isSecond);
  EXPECT_EQ(panel.curves[2].color, panel.curves[3].color);
  EXPECT_EQ(panel.curves[4].x, QVector<double>({2, 2}));
  EXPECT_EQ(panel.curves[4].name, QStringLiteral("SLO 2 s"));
  EXPECT_TRUE(latencyShares(QStringLiteral("tpot_s"), *first, second.get()).panels.isEmpty());
}

TEST(LatencyViewTest, CsvHoldsFullNumbersAndTheDistribution) {
  const QString csv = latencyCsv(*serving(0.7123456789012345, QStringLiteral("a.json")), nullptr);
  EXPECT_TRUE(csv.startsWith(QStringLiteral("result,latency,what,share,time_s\r\na,ttft_s,mean,,0.6\r\n")));
  EXPECT_TRUE(csv.contains(QStringLiteral("a,ttft_s,p99,0.99,0.7123456789012345\r\n")));
  EXPECT_TRUE(csv.contains(QStringLiteral("a,ttft_s,slo,,2\r\n")));
  EXPECT_EQ(csv.count(QStringLiteral("a,ttft_s,distribution,")), 4);
  EXPECT_TRUE(csv.contains(QStringLiteral("a,tpot_s,mean,,0.05\r\n")));
}

TEST(LatencyViewTest, StepTimesAreSpreadFromZeroToOne) {
  const PlotPicture picture = stepTimePlot(*serving(1, QStringLiteral("a.json")), nullptr);
  ASSERT_EQ(picture.panels.size(), 1);
  const PlotCurve& curve = picture.panels[0].curves[0];
  EXPECT_EQ(curve.name, QStringLiteral("decode"));
  EXPECT_EQ(curve.x, QVector<double>({0.05, 0.06, 0.07}));
  EXPECT_EQ(curve.y.last(), 1);
}

TEST(LatencyViewTest, ShowsWhatTheResultHas) {
  ViewState state;
  LatencyView view(state);
  view.resize(900, 600);
  view.setDocuments(serving(0.71, QStringLiteral("a.json")), nullptr);
  EXPECT_TRUE(view.emptyText().isEmpty());
  // A heading; four statistics, the SLO and four edges of TTFT; the mean of TPOT.
  EXPECT_EQ(view.csv().count(QLatin1Char('\n')), 1 + 4 + 1 + 4 + 1);
  EXPECT_FALSE(view.grab().isNull());
  view.setDocuments(documentOf(R"({"kind": "training", "summary": {"ttft_s": {"mean": "soon"}}})"), nullptr);
  EXPECT_FALSE(view.emptyText().isEmpty());
}

}  // namespace
}  // namespace moesim::gui
