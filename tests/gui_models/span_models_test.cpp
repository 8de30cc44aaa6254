#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <nlohmann/json.hpp>

#include "gui/models/span_csv.hpp"
#include "gui/models/span_query.hpp"
#include "gui/models/span_scene.hpp"
#include "gui/models/span_text.hpp"
#include "gui/models/span_totals_model.hpp"

namespace moesim::gui {
namespace {

SpanNames names() {
  return {{"attention_forward", "dispatch_forward", "mlp_backward"},
          {"computation", "communication"},
          {"forward", "backward"}};
}

Span span(double start, double end, int lane, int phase, int layer, int microbatch) {
  Span made;
  made.start_s = start;
  made.end_s = end;
  made.gpu = made.rank = 3;
  made.lane = static_cast<std::uint8_t>(lane);
  made.phase = static_cast<std::uint8_t>(phase);
  made.layer = static_cast<std::int16_t>(layer);
  made.microbatch = static_cast<std::uint16_t>(microbatch);
  made.pass = static_cast<std::uint8_t>(phase == 2 ? 1 : 0);
  return made;
}

DocumentPtr document() {
  RunParts parts;
  parts.path = QStringLiteral("a/records.moesim");
  parts.names = names();
  parts.timeline = std::make_shared<const pictures::SpanTimeline>(
      std::vector<Span>{span(0, 2, 0, 0, 5, 1), span(2, 3, 0, 2, 6, 2), span(1, 4, 1, 1, 5, 1)});
  return std::make_shared<const RunDocument>(parts);
}

struct QueryRow {
  const char* text;
  bool filtersRows;
  std::vector<bool> lit;  ///< attention of layer 5, backward of layer 6, dispatch
};

class SpanQueryTest : public testing::TestWithParam<QueryRow> {};

TEST_P(SpanQueryTest, FindsSpans) {
  const QueryRow& row = GetParam();
  const SpanQuery query(QString::fromUtf8(row.text), names());
  EXPECT_EQ(query.filtersRows(), row.filtersRows);
  EXPECT_EQ(query.lightsSpans(), !row.lit.empty());
  const std::vector<Span> spans{span(0, 2, 0, 0, 5, 1), span(2, 3, 0, 2, 6, 2), span(1, 4, 1, 1, 5, 1)};
  for (std::size_t i = 0; i < row.lit.size(); ++i) EXPECT_EQ(query.matches(spans[i]), row.lit[i]) << i;
}

INSTANTIATE_TEST_SUITE_P(Rows, SpanQueryTest,
                         testing::Values(QueryRow{"", false, {}}, QueryRow{"  ", false, {}},
                                         QueryRow{"layer 5", false, {true, false, true}},
                                         QueryRow{"Layer:6", false, {false, true, false}},
                                         QueryRow{"mb=1", false, {true, false, true}},
                                         QueryRow{"dispatch", false, {false, false, true}},
                                         QueryRow{"comput forward", false, {true, false, false}},
                                         QueryRow{"BACKWARD layer 5", false, {false, false, false}},
                                         QueryRow{"rank 3", true, {}},
                                         QueryRow{"rank 4 layer 5", true, {false, false, false}},
                                         QueryRow{"nothing", false, {false, false, false}}));

TEST(SpanTextTest, SaysWhatASpanIs) {
  RunParts parts;
  parts.names = names();
  const QString text = spanText(RunDocument(parts), span(1, 4, 1, 1, 5, 1), 6);
  for (const char* part :
       {"dispatch forward", "rank 3, communication", "micro-batch 1, layer 5, pass forward",
        "start 1 s, end 4 s", "duration 3 s, 50.0 % of what is shown"})
    EXPECT_TRUE(text.contains(QString::fromUtf8(part))) << text.toStdString();
  EXPECT_EQ(gpuText(names(), 24, 3), QStringLiteral("rank 3 (GPU 24)"));
  EXPECT_EQ(phaseText(names(), 77), QStringLiteral("phase 77"));
  const SpanNames requests{{"queue"}, {"request"}, {"serve"}};
  EXPECT_EQ(gpuText(requests, 5, 0), QStringLiteral("request slot 5"));
  EXPECT_FALSE(computationLane(requests).has_value());
}

TEST(SpanTextTest, SpansOfRequestsNameTheUnitAndItsPool) {
  RunParts parts;
  parts.names = {{"queue", "prompt", "transfer", "decode"}, {"request"}, {"serve"}};
  parts.result = std::make_shared<const Json>(Json::parse(R"({"scenario": {"deployment": {
      "a": {"role": "prefill"}, "b": {"role": "decode"}}}})"));
  Span one;
  one.start_s = 1;
  one.end_s = 3;
  one.gpu = 31;
  one.rank = 5;
  one.layer = -1;
  one.microbatch = 7;
  one.phase = 3;
  EXPECT_EQ(
      spanText(RunDocument(parts), one, 0),
      QStringLiteral("decode\nrequest slot 31, unit 5 (b)\nrequest 7\nstart 1 s, end 3 s\nduration 2 s"));
  one.phase = 0;
  EXPECT_TRUE(spanText(RunDocument(parts), one, 0).contains(QStringLiteral("unit 5 (a)")));
  parts.result = std::make_shared<const Json>(Json::parse(R"({"scenario": {"deployment": {
      "a": {"role": "colocated"}, "b": {"role": "decode"}, "c": 3}}})"));
  EXPECT_TRUE(spanText(RunDocument(parts), one, 0).contains(QStringLiteral("unit 5 (a)\n")));
  one.phase = 3;
  EXPECT_TRUE(spanText(RunDocument(parts), one, 0).contains(QStringLiteral("unit 5\n")));
}

TEST(SpanTotalsModelTest, RequestsHaveNoGpus) {
  RunParts parts;
  parts.names = {{"queue"}, {"request"}, {"serve"}};
  SpanTotalsModel model;
  model.setSides({{std::make_shared<const RunDocument>(parts), {}}});
  EXPECT_EQ(model.headerData(3, Qt::Horizontal, Qt::DisplayRole).toString(),
            QStringLiteral("share of request slots"));
}

TEST(SpanSceneTest, SearchesLightSpansAndTransfersAloneAreExposed) {
  const SpanScenePtr scene =
      wholeScene(bareScene(document()), QStringLiteral("layer 5"), [] { return true; });
  EXPECT_EQ(scene->lit->spans().size(), 2U);
  ASSERT_EQ(scene->exposed->spans().size(), 1U);
  EXPECT_EQ(scene->exposed->spans()[0].start_s, 3);
  EXPECT_EQ(scene->extent.lastLayer, 6);
  EXPECT_FALSE(wholeScene(scene, {}, [] { return false; }));
  EXPECT_FALSE(wholeScene(scene, {}, [] { return true; })->lit);
}

TEST(SpanTotalsModelTest, KeepsTheRulesOfModels) {
  SpanTotalsModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  const SpanScenePtr scene = wholeScene(bareScene(document()), {}, [] { return true; });
  const auto totals = pictures::totals_of(scene->timeline(), *scene->exposed, 0, 0, 4);
  model.setSides({{scene->document, totals}});
  ASSERT_EQ(model.rowCount(), 6);
  ASSERT_EQ(model.columnCount(), 5);
  EXPECT_EQ(model.index(0, 2).data().toString(), QStringLiteral("3 s"));
  EXPECT_EQ(model.index(1, 3).data().toString(), QStringLiteral("25.0 %"));
  model.setSides({{scene->document, totals}, {scene->document, totals}});
  ASSERT_EQ(model.columnCount(), 9);
  EXPECT_EQ(model.index(0, 8).data().toString(), QStringLiteral("0.00 points"));
  model.setSides({});
  EXPECT_EQ(model.rowCount(), 0);
}

TEST(SpansCsvTest, IsBoundedAndSaysSo) {
  const DocumentPtr one = document();
  const QString all = spansCsv(*one, {0, 10}, 100);
  EXPECT_EQ(all.count(QLatin1Char('\n')), 4) << all.toStdString();
  EXPECT_TRUE(all.contains(QStringLiteral("1,4,3,3,5,1,dispatch_forward,communication,forward")))
      << all.toStdString();
  EXPECT_EQ(spansCsv(*one, {2.5, 2.9}, 100).count(QLatin1Char('\n')), 3);
  EXPECT_TRUE(
      spansCsv(*one, {0, 10}, 1).endsWith(QStringLiteral("# 2 more spans are left out: show less time\r\n")));
}

}  // namespace
}  // namespace moesim::gui
