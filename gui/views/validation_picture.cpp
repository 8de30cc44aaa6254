#include "gui/views/validation_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace moesim::gui {
namespace {

struct RoleColor {
  const char* role;
  const char* text;
  int color;
};
constexpr std::array<RoleColor, 3> kRoles{{{"check", "check", 0}, {"fit", "fit", 1}, {"range", "range", 2}}};
constexpr int kGrey = 7;
constexpr double kBand = 0.1;

void put(const PlotCurve& curve, const QVector<int>& rows, bool isSecond, ValidationPlot& plot) {
  if (curve.x.isEmpty()) return;
  plot.picture.panels[0].curves.append(curve);
  plot.rows.append(rows);
  plot.isSecond.append(isSecond);
}

QString noteOf(const ValidationFigure& figure) {
  return QStringLiteral("%1: %2\n%3").arg(figure.id, figure.metric, figure.source);
}

/// What is drawn of a prediction: itself, or the middle of a range.
std::optional<double> shownOf(const ValidationFigure& figure) {
  if (figure.predicted) return figure.predicted;
  if (figure.low && figure.high) return (*figure.low + *figure.high) / 2;
  return {};
}

/// Points of one role; `place` gives x, `value` y of a prediction.
template <class Place, class Value>
void addRoles(const QVector<ValidationFigure>& figures, bool isSecond, const Place& place, const Value& value,
              ValidationPlot& plot) {
  for (const RoleColor& role : kRoles) {
    PlotCurve curve;
    curve.name = QString::fromLatin1(role.text) + (isSecond ? QStringLiteral(", second") : QString());
    curve.color = role.color;
    curve.isSecond = isSecond;
    curve.mark = PlotMark::points;
    QVector<int> rows;
    for (int i = 0; i < figures.size(); ++i) {
      const ValidationFigure& figure = figures[i];
      const auto shown = shownOf(figure);
      const auto x = place(i);
      if (figure.role != QLatin1String(role.role) || !shown || !x) continue;
      curve.x.append(*x);
      curve.y.append(value(figure, *shown));
      const bool isRange = !figure.predicted;
      curve.low.append(isRange ? value(figure, *figure.low) : curve.y.last());
      curve.high.append(isRange ? value(figure, *figure.high) : curve.y.last());
      curve.notes.append(noteOf(figure));
      rows.append(i);
    }
    put(curve, rows, isSecond, plot);
  }
}

void addDiagonal(PlotRange range, ValidationPlot& plot) {
  const std::array<std::pair<double, QString>, 3> kLines{{{1, QStringLiteral("predicted = published")},
                                                          {1 + kBand, QStringLiteral("\u00b110 %")},
                                                          {1 - kBand, {}}}};
  for (const auto& [factor, name] : kLines) {
    PlotCurve line;
    line.name = name;
    line.color = kGrey;
    line.isSecond = factor != 1;
    line.isListed = !name.isEmpty();
    line.hasMarks = false;
    line.x = {range.low, range.high};
    line.y = {range.low * factor, range.high * factor};
    put(line, {}, false, plot);
  }
}

}  // namespace

QString validationGroup(const ValidationFigure& figure) {
  switch (figure.unit) {
    case MetricUnit::seconds:
      return QStringLiteral("times");
    case MetricUnit::fraction:
      return QStringLiteral("fractions");
    default:
      return figure.unitText.isEmpty() ? QStringLiteral("numbers") : figure.unitText;
  }
}

QStringList validationGroups(const QVector<ValidationFigure>& figures) {
  std::map<QString, int> sizes;
  for (const ValidationFigure& figure : figures) ++sizes[validationGroup(figure)];
  QStringList groups;
  for (const auto& [group, size] : sizes) groups.append(group);
  std::ranges::stable_sort(groups, [&](const QString& a, const QString& b) { return sizes[a] > sizes[b]; });
  return groups;
}

ValidationPlot validationScatter(const QVector<ValidationFigure>& figures,
                                 const QVector<ValidationFigure>& second, const QString& group) {
  ValidationPlot plot;
  PlotPanel panel;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  PlotCurve tolerance;
  tolerance.name = QStringLiteral("tolerance");
  tolerance.color = kGrey;
  tolerance.mark = PlotMark::points;
  tolerance.hasMarks = false;
  for (const ValidationFigure& figure : figures) {
    if (validationGroup(figure) != group) continue;
    panel.y.unit = figure.unit;
    if (figure.unit == MetricUnit::count) panel.y.unitText = figure.unitText;
    low = std::min(low, figure.published);
    high = std::max(high, figure.published);
    if (!figure.tolerance) continue;
    tolerance.x.append(figure.published);
    tolerance.y.append(figure.published);
    tolerance.low.append(figure.published - std::abs(figure.published) * *figure.tolerance);
    tolerance.high.append(figure.published + std::abs(figure.published) * *figure.tolerance);
  }
  if (low > high) return plot;
  plot.picture.x = panel.y;
  plot.picture.x.label = QStringLiteral("published");
  panel.y.label = QStringLiteral("predicted");
  plot.picture.x.isLog = panel.y.isLog = low > 0 && high / low > 8;
  plot.picture.panels.append(panel);
  addDiagonal({low > 0 ? low / 1.15 : low, high * 1.15}, plot);
  put(tolerance, {}, false, plot);
  const auto value = [](const ValidationFigure&, double predicted) { return predicted; };
  const auto addAll = [&](const QVector<ValidationFigure>& of, bool isSecond) {
    addRoles(
        of, isSecond,
        [&](int i) {
          return validationGroup(of[i]) == group ? std::optional(of[i].published) : std::nullopt;
        },
        value, plot);
  };
  addAll(figures, false);
  addAll(second, true);
  return plot;
}

ValidationPlot validationErrors(const QVector<ValidationFigure>& figures,
                                const QVector<ValidationFigure>& second) {
  ValidationPlot plot;
  if (figures.isEmpty()) return plot;
  plot.picture.x.label = QStringLiteral("figure, by its number below");
  for (int i = 0; i < figures.size(); ++i) plot.picture.x.categories.append(QString::number(i + 1));
  PlotPanel panel;
  panel.y.label = QStringLiteral("error");
  panel.y.unit = MetricUnit::fraction;
  plot.picture.panels.append(panel);
  PlotCurve tolerance;
  tolerance.name = QStringLiteral("tolerance");
  tolerance.color = kGrey;
  tolerance.mark = PlotMark::points;
  tolerance.hasMarks = false;
  for (int i = 0; i < figures.size(); ++i) {
    if (!figures[i].tolerance) continue;
    tolerance.x.append(i);
    tolerance.y.append(0);
    tolerance.low.append(-*figures[i].tolerance);
    tolerance.high.append(*figures[i].tolerance);
  }
  put(tolerance, {}, false, plot);
  const auto error = [](const ValidationFigure& figure, double predicted) {
    return figure.errorOf(predicted).value_or(std::numeric_limits<double>::quiet_NaN());
  };
  addRoles(
      figures, false, [](int i) { return std::optional<double>(i); }, error, plot);
  const auto placeOf = [&](int i) -> std::optional<double> {
    for (int k = 0; k < figures.size(); ++k)
      if (figures[k].id == second[i].id && figures[k].metric == second[i].metric) return k;
    return {};
  };
  addRoles(second, true, placeOf, error, plot);
  plot.picture.panels[0].levels.append({QString(), 0});
  return plot;
}

}  // namespace moesim::gui
