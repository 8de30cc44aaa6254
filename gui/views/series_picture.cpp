#include "gui/views/series_picture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "gui/widgets/plot_scale.hpp"
#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

QString text(const std::string& value) {
  return QString::fromStdString(value);
}

/// Two curves belong into one panel where this is equal.
QString panelKey(const PlotAxis& axis) {
  return QStringLiteral("%1|%2|%3").arg(static_cast<int>(axis.unit)).arg(axis.unitText, axis.label);
}

int panelOf(const PlotAxis& axis, PlotPicture& picture) {
  for (int i = 0; i < picture.panels.size(); ++i)
    if (panelKey(picture.panels[i].y) == panelKey(axis)) return i;
  picture.panels.append(PlotPanel{axis, {}, {}, {}});
  return static_cast<int>(picture.panels.size()) - 1;
}

void addSeries(const Series& series, const QString& title, int color, bool isSecond, PlotPicture& picture) {
  PlotCurve curve;
  curve.name = title.isEmpty() ? text(series.name) : QStringLiteral("%1, %2").arg(text(series.name), title);
  curve.isSecond = isSecond;
  curve.color = color;
  const auto size = static_cast<qsizetype>(std::min(series.time_s.size(), series.value.size()));
  curve.x = QVector<double>(series.time_s.begin(), series.time_s.begin() + size);
  curve.y = QVector<double>(series.value.begin(), series.value.begin() + size);
  picture.panels[panelOf(axisOfSeries(series), picture)].curves.append(curve);
}

/// The part of a key behind the pool: "queue" of "decode/queue".
std::string ownName(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

double numberIn(const Json& object, const std::string& key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number() ? at->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

/// The numbers of an object of the summary as bars at the categories of the picture, which it may extend.
void addBars(const Json& values, const QString& name, int color, int group, PlotPicture& picture) {
  PlotBars bars;
  bars.name = name;
  bars.color = color;
  bars.group = group;
  for (const auto& [key, value] : values.items()) {
    const QString label = text(metric_label(key));
    if (!picture.x.categories.contains(label)) picture.x.categories.append(label);
  }
  bars.values = QVector<double>(picture.x.categories.size(), std::numeric_limits<double>::quiet_NaN());
  for (const auto& [key, value] : values.items())
    bars.values[picture.x.categories.indexOf(text(metric_label(key)))] = numberIn(values, key);
  picture.panels[0].bars.append(bars);
}

}  // namespace

QStringList seriesNames(const RunDocument* first, const RunDocument* second) {
  QStringList names;
  for (const RunDocument* document : {first, second}) {
    if (!document) continue;
    for (const Series& series : document->series())
      if (!names.contains(text(series.name))) names.append(text(series.name));
  }
  names.sort();
  return names;
}

QStringList startingSeries(const QStringList& names) {
  QStringList shown;
  for (const QString& name : names)
    if (!name.contains(QStringLiteral(".layer_"))) shown.append(name);
  return shown.isEmpty() ? names.mid(0, 8) : shown;
}

PlotAxis axisOfSeries(const Series& series) {
  PlotAxis axis;
  const std::string name = ownName(series.name);
  const bool isPlain = series.unit.empty() || series.unit == "1";
  if (isPlain) {
    axis.unit = unit_of_key(name);
    if (axis.unit != MetricUnit::fraction) axis.unit = MetricUnit::count;
    // Ratios that mean different things do not share a scale; layers of one figure do.
    const std::string figure = name.substr(0, name.find(".layer_"));
    axis.label = axis.unit == MetricUnit::fraction ? QStringLiteral("share") : text(metric_label(figure));
    if (figure.starts_with("imbalance.")) axis.label = QStringLiteral("imbalance");
    axis.startsAtZero = true;
    return axis;
  }
  axis.unit = unit_of_key("x_" + series.unit);
  axis.startsAtZero = true;
  if (series.unit == "s") {
    axis.label = QStringLiteral("time");
  } else if (series.unit == "B") {
    axis.label = QStringLiteral("bytes");
  } else {
    axis.unit = series.unit == "B/s" ? MetricUnit::bytes_per_second : MetricUnit::count;
    if (axis.unit == MetricUnit::count) axis.unitText = text(series.unit);
  }
  return axis;
}

PlotPicture seriesPicture(const RunDocument& first, const RunDocument* second, const QStringList& names) {
  PlotPicture picture;
  const bool hasTime = first.kind() != QStringLiteral("routing");
  picture.x.label = hasTime ? QStringLiteral("time") : QStringLiteral("step");
  picture.x.unit = hasTime ? MetricUnit::seconds : MetricUnit::count;
  int color = 0;
  for (const QString& name : names) {
    const std::string key = name.toStdString();
    if (const Series* series = first.series(key))
      addSeries(*series, second ? first.title() : QString(), color, false, picture);
    if (const Series* series = second ? second->series(key) : nullptr)
      addSeries(*series, second->title(), color, true, picture);
    ++color;
  }
  return picture;
}

PlotPicture phasesPicture(const RunDocument& first, const RunDocument* second) {
  PlotPicture picture;
  picture.panels.append(
      PlotPanel{{QStringLiteral("time of a step"), MetricUnit::seconds, {}, false, {}, true}, {}, {}, {}});
  int group = 0;
  for (const RunDocument* document : {&first, second}) {
    if (!document) continue;
    const QString title = second ? QStringLiteral(", %1").arg(document->title()) : QString();
    const std::pair<const char*, QString> kGroups[] = {
        {"phases_s", QStringLiteral("first pipeline rank")},
        {"phases_mean_s", QStringLiteral("mean over pipeline ranks")}};
    for (const auto& [key, name] : kGroups) {
      const auto at = document->summary().find(key);
      if (at == document->summary().end() || !at->is_object() || at->empty()) continue;
      addBars(*at, name + title, group, group, picture);
      ++group;
    }
  }
  if (picture.panels[0].bars.isEmpty()) picture.panels.clear();
  return picture;
}

QStringList rangeTexts(const PlotPicture& picture, PlotRange range, int maxLines) {
  QStringList texts;
  for (const PlotPanel& panel : picture.panels) {
    for (const PlotCurve& curve : panel.curves) {
      double sum = 0;
      double least = std::numeric_limits<double>::infinity();
      double most = -least;
      int count = 0;
      for (qsizetype i = 0; i < std::min(curve.x.size(), curve.y.size()); ++i) {
        if (!(curve.x[i] >= range.low && curve.x[i] <= range.high) || !isDrawable(curve.y[i], false))
          continue;
        sum += curve.y[i];
        least = std::min(least, curve.y[i]);
        most = std::max(most, curve.y[i]);
        ++count;
      }
      if (count == 0 || texts.size() >= maxLines) continue;
      texts.append(QStringLiteral("%1: mean %2, %3 to %4")
                       .arg(curve.name, valueText(sum / count, panel.y), valueText(least, panel.y),
                            valueText(most, panel.y)));
    }
  }
  return texts;
}

QString ratesText(const RunDocument& document) {
  struct Rate {
    const char* key;
    const char* unit;
  };
  static constexpr Rate kRates[] = {{"tokens_per_s", "tokens/s"},
                                    {"tokens_per_s_per_gpu", "tokens/s and GPU"},
                                    {"mfu_causal", "MFU, causal"},
                                    {"tflops_per_gpu_causal", "per GPU, causal"},
                                    {"input_tokens_per_s_per_node", "input tokens/s and prefill node"},
                                    {"output_tokens_per_s_per_node", "output tokens/s and decode node"},
                                    {"output_tokens_per_s_per_user", "tokens/s and user"},
                                    {"prefix_hit_fraction", "prefix hits"},
                                    {"max_violation_batch", "MaxVio"},
                                    {"balancedness_mean", "balancedness"}};
  QStringList texts;
  for (const Rate& rate : kRates) {
    const double value = numberIn(document.summary(), rate.key);
    if (!std::isfinite(value)) continue;
    texts.append(QStringLiteral("%1 %2").arg(text(metric_text(value, unit_of_key(rate.key))),
                                             QString::fromLatin1(rate.unit)));
  }
  return texts.join(QStringLiteral(" \u00b7 "));
}

}  // namespace moesim::gui
