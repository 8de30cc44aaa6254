#include "gui/views/series_view.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "gui/views/curve_csv.hpp"
#include "gui/views/phases_picture.hpp"
#include "gui/views/series_list.hpp"
#include "gui/views/series_picture.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/plot_widget.hpp"
#include "tests/gui_views/documents.hpp"

namespace moesim::gui {
namespace {

Series seriesOf(const std::string& name, const std::string& unit, std::vector<double> values) {
  Series series{name, unit, {}, std::move(values)};
  for (std::size_t i = 0; i < series.value.size(); ++i)
    series.time_s.push_back(10.0 * static_cast<double>(i));
  return series;
}

DocumentPtr serving(double queue, const QString& path) {
  return documentOf(
      R"({"kind": "serving", "summary": {"output_tokens_per_s_per_node": 4198}})",
      {seriesOf("decode/kv_used_fraction", "1", {0.1, 0.6}), seriesOf("decode/queue", "requests", {0, queue}),
       seriesOf("prefill/queue", "requests", {3, 4})},
      path);
}

TEST(SeriesViewTest, CurvesOfOneTitleShareAPanel) {
  const DocumentPtr first = serving(7, QStringLiteral("a.json"));
  const PlotPicture picture = seriesPicture(*first, nullptr, seriesNames(first.get(), nullptr));
  ASSERT_EQ(picture.panels.size(), 2);
  EXPECT_EQ(picture.panels[0].title, QStringLiteral("Waiting requests"));
  EXPECT_EQ(picture.panels[0].y.unitText, QStringLiteral("requests"));
  ASSERT_EQ(picture.panels[0].curves.size(), 2);
  EXPECT_EQ(picture.panels[0].curves[0].name, QStringLiteral("decode"));
  EXPECT_EQ(picture.panels[0].curves[0].y, QVector<double>({0, 7}));
  EXPECT_EQ(picture.panels[1].title, QStringLiteral("KV cache used"));
  EXPECT_EQ(picture.panels[1].y.unit, MetricUnit::fraction);
  EXPECT_EQ(picture.x.unit, MetricUnit::seconds);
}

TEST(SeriesViewTest, APoolHasOneColourAndItsTailIsThin) {
  const DocumentPtr first = documentOf(
      R"({"kind": "serving"})",
      {seriesOf("prefill/ttft_p50", "s", {0.5, 0.6}), seriesOf("prefill/ttft_p99", "s", {0.9, 1.2}),
       seriesOf("prefill/queue", "requests", {1, 2}), seriesOf("decode/queue", "requests", {3, 4})});
  const QStringList all = seriesNames(first.get(), nullptr);
  EXPECT_EQ(all, QStringList({QStringLiteral("prefill/ttft_p50"), QStringLiteral("prefill/ttft_p99"),
                              QStringLiteral("decode/queue"), QStringLiteral("prefill/queue")}));
  EXPECT_EQ(seriesTitle(all[1]), QStringLiteral("TTFT \u00b7 prefill, p99"));
  EXPECT_EQ(seriesGroup(all[1]), QStringLiteral("Latency"));
  const PlotPicture both = seriesPicture(*first, nullptr, all);
  ASSERT_EQ(both.panels.size(), 2);
  const QVector<PlotCurve>& ttft = both.panels[0].curves;
  ASSERT_EQ(ttft.size(), 2);
  EXPECT_FALSE(ttft[0].isThin);
  EXPECT_TRUE(ttft[1].isThin);
  EXPECT_EQ(ttft[0].color, ttft[1].color);
  EXPECT_EQ(ttft[0].color, both.panels[1].curves[1].color);
  EXPECT_NE(ttft[0].color, both.panels[1].curves[0].color);
  // Also where the other pool is not shown.
  EXPECT_EQ(seriesPicture(*first, nullptr, {all[0]}).panels[0].curves[0].color, ttft[0].color);
}

TEST(SeriesViewTest, LayersAreInTheirOrderAndImbalancesInOnePanel) {
  const DocumentPtr routing = documentOf(
      R"({"kind": "routing"})",
      {seriesOf("imbalance.node", "", {1}), seriesOf("imbalance.rank", "", {2}),
       seriesOf("max_violation_batch.layer_10", "", {1}), seriesOf("max_violation_batch.layer_9", "", {1})});
  const QStringList all = seriesNames(routing.get(), nullptr);
  EXPECT_EQ(all[0], QStringLiteral("max_violation_batch.layer_9"));
  EXPECT_EQ(seriesTitle(all[0]), QStringLiteral("MaxVio \u00b7 layer 9"));
  const PlotPicture picture = seriesPicture(*routing, nullptr, all);
  ASSERT_EQ(picture.panels.size(), 2);
  EXPECT_EQ(picture.panels[1].title, QStringLiteral("Imbalance"));
  EXPECT_EQ(picture.panels[1].curves[0].name, QStringLiteral("GPUs"));
  EXPECT_NE(picture.panels[1].curves[0].color, picture.panels[1].curves[1].color);
  EXPECT_EQ(picture.x.label, QStringLiteral("step"));
}

TEST(SeriesViewTest, WindowsOfADayAreNotJoined) {
  Series queue{"decode/queue", "requests", {0, 10, 20, 3600, 3610}, {1, 2, 3, 4, 5}};
  const DocumentPtr day = documentOf(R"({"kind": "serving"})", {queue});
  const PlotCurve curve = seriesPicture(*day, nullptr, {QStringLiteral("decode/queue")}).panels[0].curves[0];
  ASSERT_EQ(curve.y.size(), 6);
  EXPECT_TRUE(std::isnan(curve.y[3]));
  EXPECT_EQ(curve.y[4], 4);
}

TEST(SeriesViewTest, CsvHoldsWhatWasRecorded) {
  const DocumentPtr first =
      documentOf(R"({"kind": "serving"})", {seriesOf("prefill/ttft_p99", "s", {0.1234567890123456, 2})},
                 QStringLiteral("a.json"));
  EXPECT_EQ(seriesCsv(*first, nullptr, seriesNames(first.get(), nullptr)),
            QStringLiteral("result,curve,unit,time_s,value\r\n"
                           "a,prefill/ttft_p99,s,0,0.1234567890123456\r\n"
                           "a,prefill/ttft_p99,s,10,2\r\n"));
  EXPECT_TRUE(seriesCsv(*first, nullptr, {}).isEmpty());
}

TEST(SeriesViewTest, CurvesAreChosenByGroup) {
  ViewState state;
  SeriesView view(state);
  view.resize(900, 600);
  view.setDocuments(serving(7, QStringLiteral("a.json")), nullptr);
  auto* list = view.findChild<SeriesList*>();
  ASSERT_EQ(list->topLevelItemCount(), 2);
  QTreeWidgetItem* load = list->topLevelItem(0);
  EXPECT_EQ(load->text(0), QStringLiteral("Load"));
  EXPECT_EQ(load->childCount(), 2);
  load->setCheckState(0, Qt::Unchecked);
  EXPECT_EQ(view.shownSeries(), QStringList(QStringLiteral("decode/kv_used_fraction")));
  view.showSeries({});
  const auto texts = view.findChildren<EmptyStack*>();
  EXPECT_TRUE(std::ranges::any_of(texts, [](const EmptyStack* stack) {
    return stack->emptyText().startsWith(QStringLiteral("No curve is chosen"));
  }));
  EXPECT_TRUE(view.csv().isEmpty());
}

TEST(SeriesViewTest, TwoResultsAreOverlaid) {
  ViewState state;
  state.setFullRange({0, 10});
  SeriesView view(state);
  view.resize(900, 600);
  view.setDocuments(serving(7, QStringLiteral("a.json")), serving(90, QStringLiteral("b.json")));
  const auto* plot = view.findChild<PlotWidget*>(QStringLiteral("curves"));
  ASSERT_EQ(plot->picture().panels.size(), 2);
  const PlotPanel& queues = plot->picture().panels[0];
  ASSERT_EQ(queues.curves.size(), 4);
  EXPECT_EQ(queues.curves[1].name, QStringLiteral("decode, b"));
  EXPECT_TRUE(queues.curves[1].isSecond);
  EXPECT_GT(plot->rangeY(0).high, 90);
  EXPECT_TRUE(view.emptyText().isEmpty());
  view.showSeries({QStringLiteral("prefill/queue")});
  EXPECT_EQ(plot->picture().panels.size(), 1);
  EXPECT_EQ(view.csv().count(QLatin1Char('\n')), 1 + 4);
  EXPECT_FALSE(view.grab().isNull());
}

TEST(SeriesViewTest, TheSelectedTimeHasItsTotals) {
  const DocumentPtr first = serving(7, QStringLiteral("a.json"));
  const PlotPicture picture = seriesPicture(*first, nullptr, {QStringLiteral("decode/queue")});
  EXPECT_EQ(
      rangeTexts(picture, {-1, 11}, 5),
      QStringList(QStringLiteral("Waiting requests, decode: mean 3.5 requests, 0 requests to 7 requests")));
  EXPECT_TRUE(rangeTexts(picture, {11, 12}, 5).isEmpty());
  EXPECT_TRUE(rangeTexts(picture, {-1, 11}, 0).isEmpty());
}

TEST(SeriesViewTest, CurvesOfLayersAreNotShownAtFirst) {
  const QStringList names{QStringLiteral("balancedness"), QStringLiteral("max_violation_batch.layer_3")};
  EXPECT_EQ(startingSeries(names), QStringList(QStringLiteral("balancedness")));
}

TEST(SeriesViewTest, TrainingShowsItsPhasesAndRates) {
  const DocumentPtr training = documentOf(R"({"kind": "training", "summary": {"tokens_per_s": 3258316.9,
      "mfu_causal": 0.403, "phases_s": {"forward": 0.94, "bubble": 2.22, "odd": null},
      "phases_mean_s": {"forward": 1.1, "bubble": 1.5}}})");
  const PlotPicture picture = phasesPicture(*training, nullptr);
  ASSERT_EQ(picture.panels.size(), 1);
  EXPECT_EQ(picture.panels[0].bars.size(), 2);
  EXPECT_EQ(picture.x.categories.size(), 3);
  const qsizetype bubble = picture.x.categories.indexOf(QStringLiteral("bubble"));
  EXPECT_EQ(picture.panels[0].bars[0].values[bubble], 2.22);
  EXPECT_EQ(ratesText(*training), QStringLiteral("3.258 M tokens/s \u00b7 40.3 % MFU, causal"));
}

TEST(SeriesViewTest, DamagedCurvesAreDrawnAsFarAsTheyGo) {
  ViewState state;
  SeriesView view(state);
  view.resize(600, 400);
  Series odd = seriesOf("odd", "s", {std::nan(""), INFINITY, 1e308});
  odd.time_s.pop_back();
  view.setDocuments(documentOf(R"({"kind": "serving"})", {odd, seriesOf("none", "B", {})}), nullptr);
  EXPECT_FALSE(view.grab().isNull());
  view.setDocuments(documentOf(R"({"kind": "training", "summary": {"phases_s": 3}})"), nullptr);
  EXPECT_FALSE(view.emptyText().isEmpty());
}

}  // namespace
}  // namespace moesim::gui
