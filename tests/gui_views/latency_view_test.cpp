#include "gui/views/latency_view.hpp"

#include <gtest/gtest.h>

#include "gui/widgets/plot_widget.hpp"
#include "tests/gui_views/documents.hpp"

namespace moesim::gui {
namespace {

DocumentPtr serving(double p99, const QString& path) {
  Json result = Json::parse(R"({"kind": "serving", "scenario": {"slo": {"ttft": "2 s"}},
      "summary": {"ttft_s": {"mean": 0.6, "p50": 0.63, "p90": 0.69}, "tpot_s": {"mean": 0.05}}})");
  result["summary"]["ttft_s"]["p99"] = p99;
  return documentOf(result.dump(), {{"decode/step_time", "s", {0, 1, 2}, {0.05, 0.07, 0.06}}}, path);
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
  EXPECT_EQ(view.csv().count(QLatin1Char('\n')), 1 + 2);
  EXPECT_FALSE(view.grab().isNull());
  view.setDocuments(documentOf(R"({"kind": "training", "summary": {"ttft_s": {"mean": "soon"}}})"), nullptr);
  EXPECT_FALSE(view.emptyText().isEmpty());
}

}  // namespace
}  // namespace moesim::gui
