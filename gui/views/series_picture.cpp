#include "gui/views/series_picture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include "gui/widgets/plot_scale.hpp"
#include "reports/curve_names.hpp"

namespace moesim::gui {
namespace {

QString text(std::string_view value) {
  return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
}

CurveName nameOf(const QString& name) {
  return curve_name(name.toStdString());
}

/// "layer 2" stands before "layer 10".
auto placeKey(const std::string& place) {
  return std::tuple(place.starts_with("layer ") ? place.size() : 0, place);
}

bool isBefore(const QString& left, const QString& right) {
  const CurveName a = nameOf(left);
  const CurveName b = nameOf(right);
  return std::tuple(curve_order(a), a.key, placeKey(a.place)) <
         std::tuple(curve_order(b), b.key, placeKey(b.place));
}

/// Two curves belong into one panel where this is equal.
QString panelKey(const PlotPanel& panel) {
  return QStringLiteral("%1|%2|%3").arg(static_cast<int>(panel.y.unit)).arg(panel.y.unitText, panel.title);
}

PlotPanel& panelOf(const Series& series, PlotPicture& picture) {
  PlotPanel panel;
  panel.title = text(curve_title(curve_name(series.name)));
  panel.y = axisOfSeries(series);
  for (PlotPanel& known : picture.panels)
    if (panelKey(known) == panelKey(panel)) return known;
  picture.panels.append(panel);
  return picture.panels.last();
}

double medianStep(const std::vector<double>& times) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < times.size(); ++i) steps.push_back(times[i] - times[i - 1]);
  if (steps.empty()) return 0;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return *middle;
}

/// The points, with a gap where nothing was recorded for long, as between the windows of a day.
void setPoints(const Series& series, PlotCurve& curve) {
  constexpr double kGapSteps = 20;
  const double most = kGapSteps * medianStep(series.time_s);
  for (std::size_t i = 0; i < std::min(series.time_s.size(), series.value.size()); ++i) {
    if (i > 0 && most > 0 && series.time_s[i] - series.time_s[i - 1] > most) {
      curve.x.append(series.time_s[i - 1] + most / kGapSteps);
      curve.y.append(std::numeric_limits<double>::quiet_NaN());
    }
    curve.x.append(series.time_s[i]);
    curve.y.append(series.value[i]);
  }
}

void addSeries(const Series& series, const QString& title, int color, bool isSecond, PlotPicture& picture) {
  const CurveName name = curve_name(series.name);
  PlotCurve curve;
  curve.name = text(curve_label(name));
  if (!title.isEmpty()) curve.name += (curve.name.isEmpty() ? QString() : QStringLiteral(", ")) + title;
  curve.isSecond = isSecond;
  curve.color = color;
  curve.isThin = name.kind && name.kind->part == "p99";
  setPoints(series, curve);
  panelOf(series, picture).curves.append(curve);
}

}  // namespace

QStringList seriesNames(const RunDocument* first, const RunDocument* second) {
  QStringList names;
  for (const RunDocument* document : {first, second}) {
    if (!document) continue;
    for (const Series& series : document->series())
      if (!names.contains(text(series.name))) names.append(text(series.name));
  }
  std::ranges::sort(names, isBefore);
  return names;
}

QStringList startingSeries(const QStringList& names) {
  QStringList shown;
  for (const QString& name : names) {
    const CurveName parts = nameOf(name);
    if (!parts.place.starts_with("layer ") && (!parts.kind || parts.kind->is_main)) shown.append(name);
  }
  return shown.isEmpty() ? names.mid(0, 8) : shown;
}

QString seriesGroup(const QString& name) {
  const CurveName parts = nameOf(name);
  return parts.kind ? text(parts.kind->group) : QStringLiteral("Others");
}

QString seriesTitle(const QString& name) {
  const CurveName parts = nameOf(name);
  const std::string label = curve_label(parts);
  const QString title = text(curve_title(parts));
  return label.empty() ? title : QStringLiteral("%1 \u00b7 %2").arg(title, text(label));
}

int seriesColor(const QString& name, const QStringList& all) {
  const CurveName own = nameOf(name);
  if (own.place.empty()) {  // by its part of the title
    if (!own.kind) return 0;
    int color = 0;
    for (const CurveKind& kind : curve_kinds()) {
      if (&kind == own.kind) break;
      if (kind.title == own.kind->title) ++color;
    }
    return color;
  }
  std::set<decltype(placeKey(own.place))> places;
  for (const QString& other : all) {
    const CurveName parts = nameOf(other);
    if (!parts.place.empty()) places.insert(placeKey(parts.place));
  }
  return static_cast<int>(std::distance(places.begin(), places.find(placeKey(own.place))));
}

PlotAxis axisOfSeries(const Series& series) {
  const CurveName name = curve_name(series.name);
  PlotAxis axis;
  axis.unit = curve_unit(name, series.unit);
  axis.startsAtZero = true;
  if (axis.unit == MetricUnit::count)
    axis.unitText = name.kind ? text(name.kind->unit_text) : text(series.unit == "1" ? "" : series.unit);
  return axis;
}

PlotPicture seriesPicture(const RunDocument& first, const RunDocument* second, const QStringList& names) {
  constexpr int kPanelsOfAColumn = 3;
  PlotPicture picture;
  const bool hasTime = first.kind() != QStringLiteral("routing");
  picture.x.label = hasTime ? QStringLiteral("time") : QStringLiteral("step");
  picture.x.unit = hasTime ? MetricUnit::seconds : MetricUnit::count;
  const QStringList all = seriesNames(&first, second);
  for (const QString& name : names) {
    const std::string key = name.toStdString();
    const int color = seriesColor(name, all);
    if (const Series* series = first.series(key))
      addSeries(*series, second ? first.title() : QString(), color, false, picture);
    if (const Series* series = second ? second->series(key) : nullptr)
      addSeries(*series, second->title(), color, true, picture);
  }
  picture.columns = picture.panels.size() > kPanelsOfAColumn ? 2 : 1;
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
      const bool isAlone = panel.title.isEmpty() || curve.name.isEmpty();
      const QString name = panel.title + (isAlone ? QString() : QStringLiteral(", ")) + curve.name;
      texts.append(QStringLiteral("%1: mean %2, %3 to %4")
                       .arg(name, valueText(sum / count, panel.y), valueText(least, panel.y),
                            valueText(most, panel.y)));
    }
  }
  return texts;
}

}  // namespace moesim::gui
