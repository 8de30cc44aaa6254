#include "gui/models/latency_model.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <cmath>
#include <nlohmann/json.hpp>

namespace moesim::gui {
namespace {

DocumentPtr serving(const std::string& text, const QString& path) {
  RunParts parts;
  parts.path = path;
  parts.result = std::make_shared<const Json>(Json::parse(text));
  return std::make_shared<const RunDocument>(std::move(parts));
}

constexpr const char* kResult = R"({"kind": "serving", "scenario": {"slo": {"ttft": "2 s", "tpot": "fast"}},
    "summary": {"ttft_s": {"mean": 0.6, "p50": 0.63, "p90": 0.69, "p99": 0.71},
                "itl_s": {"mean": 0.05, "p99": null}, "tpot_s": 3, "e2e_s": {"p50": "long"}}})";

TEST(LatencyModelTest, FiguresAreThoseOfTheSummary) {
  const auto figures = latencyFigures(Json::parse(kResult));
  ASSERT_EQ(figures.size(), 2);
  EXPECT_EQ(figures[0].name, QStringLiteral("TTFT"));
  EXPECT_EQ(figures[0].values[3], 0.71);
  EXPECT_EQ(figures[0].limit, 2.0);
  EXPECT_TRUE(std::isnan(figures[1].values[3]));
  EXPECT_FALSE(figures[1].limit.has_value());
}

TEST(LatencyModelTest, TheSameFigureOfTwoResultsStandsTogether) {
  LatencyModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setDocuments(serving(kResult, QStringLiteral("a.json")), serving(kResult, QStringLiteral("b.json")));
  ASSERT_EQ(model.rowCount(), 4);
  EXPECT_EQ(model.index(1, LatencyModel::kFigure).data().toString(), QStringLiteral("TTFT"));
  EXPECT_EQ(model.index(1, LatencyModel::kResult).data().toString(), QStringLiteral("b"));
  EXPECT_EQ(model.index(0, LatencyModel::kP99).data().toString(), QStringLiteral("710 ms"));
  EXPECT_EQ(model.index(0, LatencyModel::kLimit).data().toString(), QStringLiteral("2 s"));
  EXPECT_EQ(model.index(2, LatencyModel::kP99).data().toString(), QString());
  model.setDocuments(nullptr, nullptr);
  EXPECT_EQ(model.rowCount(), 0);
}

TEST(LatencyModelTest, DistributionsAreOfFiniteValues) {
  const Distribution distribution = distributionOf({3, std::nan(""), 1, INFINITY, 2, 2});
  EXPECT_EQ(distribution.x, QVector<double>({1, 2, 2, 3}));
  EXPECT_EQ(distribution.share, QVector<double>({0.25, 0.5, 0.75, 1}));
  EXPECT_TRUE(distributionOf({}).x.isEmpty());
}

TEST(LatencyModelTest, DamagedHistogramsAreLeftOut) {
  const Histogram whole{"ttft_s", "s", {1, 2, 4}, {0, 3, 1}};
  EXPECT_EQ(sharesOf(&whole).x, QVector<double>({1, 2, 4}));
  EXPECT_EQ(sharesOf(&whole).share, QVector<double>({0, 0.75, 1}));
  EXPECT_DOUBLE_EQ(valueAtShare(sharesOf(&whole), 0.5), 1 + 0.5 / 0.75);
  EXPECT_DOUBLE_EQ(valueAtShare(sharesOf(&whole), 0.875), 3);
  EXPECT_EQ(valueAtShare(sharesOf(&whole), 0), 1);
  EXPECT_TRUE(std::isnan(valueAtShare({}, 0.5)));
  EXPECT_TRUE(sharesOf(nullptr).x.isEmpty());
  const Histogram shorter{"ttft_s", "s", {1, 2, 4}, {0, 3}};
  EXPECT_TRUE(sharesOf(&shorter).x.isEmpty());
  const Histogram empty{"ttft_s", "s", {1, 2}, {0, 0}};
  EXPECT_TRUE(sharesOf(&empty).x.isEmpty());
  const Histogram none{"ttft_s", "s", {1, 2}, {0, std::nan("")}};
  EXPECT_TRUE(sharesOf(&none).x.isEmpty());
}

}  // namespace
}  // namespace moesim::gui
