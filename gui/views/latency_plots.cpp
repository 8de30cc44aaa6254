#include "gui/views/latency_plots.hpp"

#include <algorithm>
#include <cmath>

#include "gui/widgets/plot_scale.hpp"

namespace moesim::gui {
namespace {

constexpr int kLimitColor = 5;

/// p50, p90 and p99 on the curve, named in the legend with the times of the summary, which are the middles of
/// buckets.
PlotCurve percentileMarks(const LatencyFigure& figure, const Distribution& shares, const QString& title) {
  constexpr double kShares[] = {0.5, 0.9, 0.99};  // of latencyStatistics() behind the mean
  PlotCurve marks;
  marks.mark = PlotMark::points;
  PlotAxis axis;
  axis.unit = MetricUnit::seconds;
  QStringList texts;
  for (int i = 0; i < 3; ++i) {
    const double seconds = figure.values.value(i + 1, std::nan(""));
    if (!std::isfinite(seconds)) continue;
    marks.x.append(valueAtShare(shares, kShares[i]));
    marks.y.append(kShares[i]);
    marks.notes.append(latencyStatistics()[i + 1]);
    texts.append(QStringLiteral("%1 %2").arg(latencyStatistics()[i + 1], valueText(seconds, axis)));
  }
  marks.name = texts.join(QStringLiteral(", "));
  if (!title.isEmpty()) marks.name = QStringLiteral("%1: %2").arg(title, marks.name);
  return marks;
}

PlotCurve limitLine(double seconds) {
  PlotAxis axis;
  axis.unit = MetricUnit::seconds;
  PlotCurve line;
  line.name = QStringLiteral("SLO %1").arg(valueText(seconds, axis));
  line.color = kLimitColor;
  line.isSecond = true;
  line.hasMarks = false;
  line.x = {seconds, seconds};
  line.y = {0, 1};
  return line;
}

}  // namespace

PlotPicture latencyShares(const QString& key, const RunDocument& first, const RunDocument* second) {
  PlotPicture picture;
  picture.x.unit = MetricUnit::seconds;
  picture.x.isLog = true;
  PlotPanel panel;
  panel.y.label = key == QStringLiteral("itl_s") ? QStringLiteral("tokens") : QStringLiteral("requests");
  panel.y.unit = MetricUnit::fraction;
  panel.y.startsAtZero = true;
  QVector<double> limits;
  for (const RunDocument* document : {&first, second}) {
    const Distribution shares = sharesOf(document ? document->histogram(key.toStdString()) : nullptr);
    if (shares.x.isEmpty()) continue;
    PlotCurve curve;
    curve.isSecond = document == second;
    curve.color = curve.isSecond ? 1 : 0;
    curve.isListed = curve.hasMarks = false;
    curve.x = shares.x;
    curve.y = shares.share;
    panel.curves.append(curve);
    for (const LatencyFigure& figure : latencyFigures(document->result())) {
      if (figure.key != key) continue;
      panel.title = figure.name;
      PlotCurve marks = percentileMarks(figure, shares, second ? document->title() : QString());
      marks.color = curve.color;
      marks.isSecond = curve.isSecond;
      panel.curves.append(marks);
      if (figure.limit && !limits.contains(*figure.limit)) limits.append(*figure.limit);
    }
  }
  for (const double limit : limits) panel.curves.append(limitLine(limit));
  if (!panel.curves.isEmpty()) picture.panels.append(panel);
  return picture;
}

PlotPicture latencyBars(const QString& key, const RunDocument& first, const RunDocument* second) {
  PlotPicture picture;
  picture.x.categories = latencyStatistics();
  PlotPanel panel;
  panel.y.unit = MetricUnit::seconds;
  panel.y.startsAtZero = true;
  int group = 0;
  for (const RunDocument* document : {&first, second}) {
    if (!document) continue;
    for (const LatencyFigure& figure : latencyFigures(document->result())) {
      if (figure.key != key) continue;
      panel.y.label = figure.name;
      PlotBars bars;
      if (second) bars.name = document->title();
      bars.color = group;
      bars.group = group;
      bars.values = figure.values;
      panel.bars.append(bars);
      const bool isKnown = std::ranges::any_of(
          panel.levels, [&](const PlotLevel& level) { return level.value == figure.limit; });
      if (figure.limit && !isKnown) panel.levels.append({QStringLiteral("SLO"), *figure.limit});
    }
    ++group;
  }
  if (!panel.bars.isEmpty()) picture.panels.append(panel);
  return picture;
}

PlotPicture stepTimePlot(const RunDocument& first, const RunDocument* second) {
  PlotPicture picture;
  picture.x.unit = MetricUnit::seconds;
  PlotPanel panel;
  panel.title = QStringLiteral("Iteration time");
  panel.y.label = QStringLiteral("samples");
  panel.y.unit = MetricUnit::fraction;
  panel.y.startsAtZero = true;
  for (const RunDocument* document : {&first, second}) {
    int color = 0;
    for (const Series& series : document ? document->series() : std::vector<Series>()) {
      if (!series.name.ends_with("/step_time") || series.unit != "s") continue;
      const Distribution distribution = distributionOf(series.value);
      if (distribution.x.isEmpty()) continue;
      PlotCurve curve;
      curve.name = QString::fromStdString(series.name.substr(0, series.name.rfind('/')));
      if (second) curve.name += QStringLiteral(", %1").arg(document->title());
      curve.color = color++;
      curve.isSecond = document == second;
      curve.mark = PlotMark::steps;
      curve.x = distribution.x;
      curve.y = distribution.share;
      panel.curves.append(curve);
    }
  }
  if (!panel.curves.isEmpty()) picture.panels.append(panel);
  return picture;
}

}  // namespace moesim::gui
