#include "gui/widgets/plot_scale.hpp"

#include <gtest/gtest.h>

#include <QtTest/QTest>
#include <cmath>
#include <vector>

#include "gui/widgets/plot_ticker.hpp"

namespace moesim::gui {
namespace {

PlotAxis axisOf(MetricUnit unit, const QString& unitText = {}) {
  PlotAxis axis;
  axis.unit = unit;
  axis.unitText = unitText;
  return axis;
}

TEST(PlotScaleTest, PrefixesFitTheMagnitude) {
  struct Row {
    PlotAxis axis;
    double magnitude;
    double factor;
    const char* unit;
  };
  const std::vector<Row> rows = {
      {axisOf(MetricUnit::seconds), 0.042, 1e-3, "ms"},
      {axisOf(MetricUnit::seconds), 19.3, 1, "s"},
      {axisOf(MetricUnit::seconds), 86400, 3600, "h"},
      {axisOf(MetricUnit::seconds), 0, 1, "s"},
      {axisOf(MetricUnit::bytes), 85.5e9, 1e9, "GB"},
      {axisOf(MetricUnit::fraction), 0.4, 0.01, "%"},
      {axisOf(MetricUnit::count, QStringLiteral("tokens/s")), 3.2e6, 1e6, "M tokens/s"},
      {axisOf(MetricUnit::count, QStringLiteral("requests")), 768, 1, "requests"},
      {axisOf(MetricUnit::count), std::nan(""), 1, ""},
      {axisOf(MetricUnit::joules), 0.7, 1e-3, "mJ"},
      {axisOf(MetricUnit::dollars), 4e5, 1e3, "K$"},
  };
  for (const Row& row : rows) {
    const AxisScale scale = axisScale(row.axis, row.magnitude);
    EXPECT_EQ(scale.factor, row.factor) << row.unit;
    EXPECT_EQ(scale.unit, QString::fromLatin1(row.unit)) << row.magnitude;
  }
}

TEST(PlotScaleTest, TicksHaveTheDecimalsThatTheirStepNeeds) {
  EXPECT_EQ(tickText(0.0195, 0.0005, {1e-3, QStringLiteral("ms")}), QStringLiteral("19.5"));
  EXPECT_EQ(tickText(19.3001, 0.0001, {1, QStringLiteral("s")}), QStringLiteral("19.3001"));
  EXPECT_EQ(tickText(12.5, 2.5, {1, {}}), QStringLiteral("12.5"));
  EXPECT_EQ(tickText(0.75, 0.25, {0.01, QStringLiteral("%")}), QStringLiteral("75"));
  EXPECT_EQ(tickText(40e9, 10e9, {1e9, QStringLiteral("GB")}), QStringLiteral("40"));
  EXPECT_EQ(tickText(-1e-17, 0.2, {1, {}}), QStringLiteral("0.0"));
}

TEST(PlotScaleTest, TitlesAndValuesHaveUnits) {
  PlotAxis axis = axisOf(MetricUnit::bytes);
  axis.label = QStringLiteral("memory");
  EXPECT_EQ(axisTitle(axis, axisScale(axis, 8e9)), QStringLiteral("memory (GB)"));
  EXPECT_EQ(valueText(72.5e9, axis), QStringLiteral("72.5 GB"));
  EXPECT_EQ(valueText(37, axisOf(MetricUnit::count, QStringLiteral("requests"))),
            QStringLiteral("37 requests"));
  EXPECT_EQ(valueText(std::nan(""), axis), QStringLiteral("none"));
  axis.categories = QStringList{QStringLiteral("p50"), QStringLiteral("p99")};
  EXPECT_EQ(valueText(1, axis), QStringLiteral("p99"));
  EXPECT_EQ(valueText(9, axis), QString());
}

TEST(PlotScaleTest, LongTitlesTakeLinesBetweenWords) {
  const QFontMetrics metrics{QFont()};
  const QString text = QStringLiteral("expert time of an iteration (ms)");
  const int whole = metrics.horizontalAdvance(text);
  EXPECT_EQ(inLines(text, whole, 3, metrics), text);
  const QString two = inLines(text, whole * 2 / 3, 3, metrics);
  EXPECT_EQ(two.count(u'\n'), 1);
  EXPECT_EQ(QString(two).replace(u'\n', u' '), text);
  const QStringList three = inLines(text, whole / 4, 3, metrics).split(u'\n');
  EXPECT_EQ(three.size(), 3);
  for (const QString& line : three)
    EXPECT_LE(metrics.horizontalAdvance(line), whole / 4) << line.toStdString();
  EXPECT_EQ(inLines(QStringLiteral("one"), 1, 3, metrics).count(u'\n'), 0);
}

QStringList labelsOf(PlotTicker ticker, double low, double high) {
  QVector<double> ticks;
  QVector<QString> labels;
  ticker.setTickCount(9);
  ticker.generate(QCPRange(low, high), QLocale::c(), QLatin1Char('g'), 6, ticks, nullptr, &labels);
  return labels.toList();
}

// Numbers of equal steps crowd at the end of a logarithmic axis.
TEST(PlotTickerTest, NumbersOnALogarithmicAxisLieApart) {
  const QStringList linear = labelsOf(PlotTicker(AxisScale{1, QStringLiteral("s")}), 0.4, 5.6);
  EXPECT_TRUE(linear.contains(QStringLiteral("5.0")));
  const QStringList apart = labelsOf(PlotTicker(AxisScale{1, QStringLiteral("s")}, true), 0.4, 5.6);
  EXPECT_GE(apart.size(), 6);
  double last = 0;
  for (const QString& label : apart) {
    EXPECT_GE(label.toDouble(), last * std::pow(5.6 / 0.4, 1.0 / 14));
    last = label.toDouble();
  }
}

}  // namespace
}  // namespace moesim::gui
