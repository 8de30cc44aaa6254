#include "gui/views/sweep_picture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

constexpr qsizetype kMaxCategories = 8;

PlotAxis axisOf(const QString& key, const SweepCases& cases) {
  PlotAxis axis;
  axis.label = sweepLabel(key, cases);
  if (!cases.axes.contains(key)) axis.unit = unit_of_key(key.toStdString());
  return axis;
}

/// Adds the curves of one document.
class Scatter {
 public:
  Scatter(SweepPlot& plot, const SweepCases& cases, const SweepChoice& choice, const QString& title,
          bool isSecond)
      : m_plot(plot), m_cases(cases), m_choice(choice), m_title(title), m_isSecond(isSecond) {
    m_x = sweepNumbers(cases, choice.x);
    m_y = sweepNumbers(cases, choice.y);
  }

  void add() {
    if (m_choice.hasFront) addFront();
    const qsizetype axis = m_cases.axes.indexOf(m_choice.color);
    const QStringList values = axis < 0 ? QStringList() : valuesOf(axis);
    if (values.size() > kMaxCategories && addShades(axis)) return;
    if (values.isEmpty() || values.size() > kMaxCategories) {
      addCases(m_title.isEmpty() ? QStringLiteral("cases") : m_title, m_isSecond ? 1 : 0,
               [](const SweepLine&) { return true; });
      return;
    }
    const QString label = axisLabels(m_cases.axes)[axis];
    for (int i = 0; i < values.size(); ++i) {
      QString name =
          QStringLiteral("%1 %2").arg(label, values[i].isEmpty() ? QStringLiteral("as it is") : values[i]);
      if (!m_title.isEmpty()) name += QStringLiteral(", %1").arg(m_title);
      addCases(name, i, [&](const SweepLine& line) { return line.changes[axis] == values[i]; });
    }
  }

 private:
  [[nodiscard]] QStringList valuesOf(qsizetype axis) const {
    QStringList values;
    for (const SweepLine& line : m_cases.lines)
      if (!values.contains(line.changes[axis])) values.append(line.changes[axis]);
    return values;
  }

  template <class Wanted>
  void addCases(const QString& name, int color, const Wanted& isWanted) {
    PlotCurve curve;
    curve.name = name;
    curve.color = color;
    curve.isSecond = m_isSecond;
    curve.mark = PlotMark::points;
    QVector<int> lines;
    for (int i = 0; i < m_cases.lines.size(); ++i) {
      if (!std::isfinite(m_x[i]) || !std::isfinite(m_y[i]) || !isWanted(m_cases.lines[i])) continue;
      append(i, curve, lines);
    }
    if (lines.isEmpty()) return;
    put(curve, lines);
  }

  bool addShades(qsizetype axis) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const SweepLine& line : m_cases.lines) {
      const double value = line.numbers[axis];
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    if (!(low < high)) return false;
    PlotCurve curve;
    curve.name = m_title;
    curve.isSecond = m_isSecond;
    curve.mark = PlotMark::points;
    QVector<int> lines;
    for (int i = 0; i < m_cases.lines.size(); ++i) {
      if (!std::isfinite(m_x[i]) || !std::isfinite(m_y[i])) continue;
      append(i, curve, lines);
      curve.shades.append((m_cases.lines[i].numbers[axis] - low) / (high - low));
    }
    m_plot.colorText =
        QStringLiteral("%1 from %2 to %3 by colour").arg(axisLabels(m_cases.axes)[axis]).arg(low).arg(high);
    put(curve, lines);
    return true;
  }

  void addFront() {
    PlotCurve curve;
    curve.name =
        m_title.isEmpty() ? QStringLiteral("best of both") : QStringLiteral("best of both, %1").arg(m_title);
    curve.color = 7;
    curve.hasMarks = false;
    curve.isSecond = m_isSecond;
    QVector<int> lines;
    for (const int i : paretoFront(m_x, isBetterMore(m_choice.x), m_y, isBetterMore(m_choice.y)))
      append(i, curve, lines);
    if (lines.size() > 1) put(curve, lines);
  }

  void append(int line, PlotCurve& curve, QVector<int>& lines) const {
    curve.x.append(m_x[line]);
    curve.y.append(m_y[line]);
    curve.notes.append(changesText(m_cases, m_cases.lines[line]));
    lines.append(line);
  }

  void put(const PlotCurve& curve, const QVector<int>& lines) {
    m_plot.picture.panels[0].curves.append(curve);
    m_plot.lines.append(lines);
    m_plot.isSecond.append(m_isSecond);
  }

  SweepPlot& m_plot;
  const SweepCases& m_cases;
  const SweepChoice& m_choice;
  QString m_title;
  bool m_isSecond;
  QVector<double> m_x;
  QVector<double> m_y;
};

}  // namespace

QVector<double> sweepNumbers(const SweepCases& cases, const QString& key) {
  QVector<double> numbers;
  const qsizetype figure = cases.figures.indexOf(key);
  const qsizetype axis = cases.axes.indexOf(key);
  for (const SweepLine& line : cases.lines) {
    if (figure >= 0)
      numbers.append(line.figures[figure]);
    else
      numbers.append(axis >= 0 ? line.numbers[axis] : std::numeric_limits<double>::quiet_NaN());
  }
  return numbers;
}

QStringList sweepKeys(const SweepCases& cases) {
  QStringList keys = cases.figures;
  for (const QString& axis : cases.axes) {
    const QVector<double> numbers = sweepNumbers(cases, axis);
    if (std::ranges::any_of(numbers, [](double value) { return std::isfinite(value); })) keys.append(axis);
  }
  return keys;
}

SweepChoice startingChoice(const SweepCases& cases) {
  const auto firstOf = [&](const QStringList& wanted) {
    for (const QString& key : wanted)
      if (cases.figures.contains(key)) return key;
    return QString();
  };
  SweepChoice choice;
  choice.y =
      cases.figures.contains(cases.figure)
          ? cases.figure
          : firstOf({QStringLiteral("tokens_per_s_per_gpu"), QStringLiteral("output_tokens_per_s_per_node"),
                     QStringLiteral("max_violation_batch")});
  choice.x = firstOf({QStringLiteral("tokens_per_s_per_user"), QStringLiteral("output_tokens_per_s_per_user"),
                      QStringLiteral("memory_per_gpu_B"), QStringLiteral("memory_per_gpu_B.max"),
                      QStringLiteral("bubble_fraction_mean"), QStringLiteral("balancedness_mean")});
  if (choice.y.isEmpty()) choice.y = cases.figures.value(0);
  if (choice.x.isEmpty() || choice.x == choice.y) choice.x = sweepKeys(cases).value(1, choice.y);
  choice.color = cases.axes.value(0);
  return choice;
}

SweepPlot sweepPlot(const SweepCases& cases, const SweepCases* second, const SweepChoice& choice,
                    const QString& firstTitle, const QString& secondTitle) {
  SweepPlot plot;
  plot.picture.x = axisOf(choice.x, cases);
  PlotPanel panel;
  panel.y = axisOf(choice.y, cases);
  plot.picture.panels.append(panel);
  Scatter(plot, cases, choice, second ? firstTitle : QString(), false).add();
  if (second) Scatter(plot, *second, choice, secondTitle, true).add();
  return plot;
}

}  // namespace moesim::gui
