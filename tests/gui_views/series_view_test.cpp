#include "gui/views/series_view.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "gui/views/series_picture.hpp"
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

TEST(SeriesViewTest, CurvesOfOneUnitShareAPanel) {
  const DocumentPtr first = serving(7, QStringLiteral("a.json"));
  const PlotPicture picture = seriesPicture(*first, nullptr, seriesNames(first.get(), nullptr));
  ASSERT_EQ(picture.panels.size(), 2);
  EXPECT_EQ(picture.panels[0].y.unit, MetricUnit::fraction);
  EXPECT_EQ(picture.panels[1].y.unitText, QStringLiteral("requests"));
  ASSERT_EQ(picture.panels[1].curves.size(), 2);
  EXPECT_EQ(picture.panels[1].curves[0].y, QVector<double>({0, 7}));
  EXPECT_EQ(picture.x.unit, MetricUnit::seconds);
}

TEST(SeriesViewTest, TwoResultsAreOverlaid) {
  ViewState state;
  state.setFullRange({0, 10});
  SeriesView view(state);
  view.resize(900, 600);
  view.setDocuments(serving(7, QStringLiteral("a.json")), serving(90, QStringLiteral("b.json")));
  const auto* plot = view.findChild<PlotWidget*>(QStringLiteral("curves"));
  ASSERT_EQ(plot->picture().panels.size(), 2);
  const PlotPanel& queues = plot->picture().panels[1];
  ASSERT_EQ(queues.curves.size(), 4);
  EXPECT_EQ(queues.curves[1].name, QStringLiteral("decode/queue, b"));
  EXPECT_TRUE(queues.curves[1].isSecond);
  EXPECT_GT(plot->rangeY(1).high, 90);
  EXPECT_TRUE(view.emptyText().isEmpty());
  view.showSeries({QStringLiteral("prefill/queue")});
  EXPECT_EQ(plot->picture().panels.size(), 1);
  EXPECT_EQ(view.csv().count(QLatin1Char('\n')), 1 + 4);
  EXPECT_FALSE(view.grab().isNull());
}

TEST(SeriesViewTest, TheSelectedTimeHasItsTotals) {
  const DocumentPtr first = serving(7, QStringLiteral("a.json"));
  const PlotPicture picture = seriesPicture(*first, nullptr, {QStringLiteral("decode/queue")});
  EXPECT_EQ(rangeTexts(picture, {-1, 11}, 5),
            QStringList(QStringLiteral("decode/queue: mean 3.5 requests, 0 requests to 7 requests")));
  EXPECT_TRUE(rangeTexts(picture, {11, 12}, 5).isEmpty());
  EXPECT_TRUE(rangeTexts(picture, {-1, 11}, 0).isEmpty());
}

TEST(SeriesViewTest, CurvesOfLayersAreNotShownAtFirst) {
  const QStringList names{QStringLiteral("balancedness"), QStringLiteral("max_violation_batch.layer_3")};
  EXPECT_EQ(startingSeries(names), QStringList(QStringLiteral("balancedness")));
  const auto axis = axisOfSeries(seriesOf("max_violation_batch.layer_3", "", {1}));
  EXPECT_EQ(axis.label, axisOfSeries(seriesOf("max_violation_batch", "", {1})).label);
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
