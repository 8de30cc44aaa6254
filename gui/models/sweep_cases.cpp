#include "gui/models/sweep_cases.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "gui/models/result_json.hpp"
#include "reports/summary_rows.hpp"

namespace moesim::gui {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Index of a key, appended where it is new.
int indexOf(const QString& key, QStringList& keys) {
  const qsizetype at = keys.indexOf(key);
  if (at >= 0) return static_cast<int>(at);
  keys.append(key);
  return static_cast<int>(keys.size()) - 1;
}

void put(int index, double value, QVector<double>& values) {
  while (values.size() <= index) values.append(kNone);
  values[index] = value;
}

void addChanges(const Json& changes, SweepLine& line, SweepCases& cases) {
  line.raw = std::make_shared<const Json>(changes);
  if (!changes.is_object()) return;
  for (const auto& [pointer, value] : changes.items()) {
    const int axis = indexOf(QString::fromStdString(pointer), cases.axes);
    while (line.changes.size() <= axis) line.changes.append(QString());
    line.changes[axis] = shortText(value);
    put(axis, numberOf(value).value_or(kNone), line.numbers);
  }
}

void addFigures(const Json& figures, SweepLine& line, SweepCases& cases) {
  if (!figures.is_object()) return;
  for (const SummaryRow& row : summary_rows(figures)) {
    if (!row.is_number() || !std::isfinite(row.numbers[0])) continue;
    put(indexOf(QString::fromStdString(row.key), cases.figures), row.numbers[0], line.figures);
  }
}

/// An entry of `best`, `pareto` or `own`.
SweepLine searchLine(const Json& entry, const QString& name, const QString& figure, SweepCases& cases) {
  SweepLine line;
  line.name = name;
  addChanges(childOf(entry, "changes"), line, cases);
  addFigures(childOf(entry, "figures"), line, cases);
  if (const Json& layout = childOf(entry, "layout"); layout.is_object() && !layout.empty())
    line.layout = std::make_shared<const Json>(layout);
  const auto value = numberIn(entry, "value");
  if (value && !figure.isEmpty()) put(indexOf(figure, cases.figures), *value, line.figures);
  return line;
}

void addSearch(const Json& summary, SweepCases& cases) {
  cases.figure = textIn(summary, "figure");
  for (const char* list : {"best", "pareto"}) {
    const Json& entries = childOf(summary, list);
    if (!entries.is_array()) continue;
    int place = 0;
    for (const Json& entry : entries) {
      ++place;
      const Json& changes = childOf(entry, "changes");
      const bool isKnown = std::ranges::any_of(
          cases.lines, [&](const SweepLine& line) { return line.raw && *line.raw == changes; });
      if (isKnown || !entry.is_object()) continue;
      const QString own = textIn(entry, "name");
      const QString name = QStringLiteral("%1 %2").arg(QString::fromLatin1(list)).arg(place);
      cases.lines.append(searchLine(entry, own.isEmpty() ? name : own, cases.figure, cases));
    }
  }
  const Json& own = childOf(summary, "own");
  if (!own.is_object() || own.empty()) return;
  SweepLine line = searchLine(own, QStringLiteral("as it is"), cases.figure, cases);
  line.isOwn = true;
  cases.lines.append(line);
}

void addRuns(const RunDocument& document, SweepCases& cases) {
  for (std::size_t i = 0; i < document.sweep().size(); ++i) {
    const SweepRun& run = document.sweep()[i];
    SweepLine line;
    line.name = run.name;
    line.index = run.index;
    line.message = run.message;
    if (run.changes) addChanges(*run.changes, line, cases);
    if (run.result) {
      line.run = static_cast<int>(i);
      addFigures(childOf(*run.result, "summary"), line, cases);
    }
    cases.lines.append(line);
  }
}

/// Axes with one value in every line tell nothing.
void dropConstantAxes(SweepCases& cases) {
  for (qsizetype axis = cases.axes.size() - 1; axis >= 0; --axis) {
    QStringList values;
    for (const SweepLine& line : cases.lines)
      if (!line.isOwn && !values.contains(line.changes[axis])) values.append(line.changes[axis]);
    if (values.size() > 1 || cases.axes.size() == 1) continue;
    cases.axes.removeAt(axis);
    for (SweepLine& line : cases.lines) {
      line.changes.removeAt(axis);
      line.numbers.removeAt(axis);
    }
  }
}

}  // namespace

SweepCases sweepCases(const RunDocument& document) {
  SweepCases cases;
  if (!document.sweep().empty())
    addRuns(document, cases);
  else if (document.kind() == QStringLiteral("search"))
    addSearch(document.summary(), cases);
  else if (document.kind() == QStringLiteral("sweep"))
    addSearch(document.result(), cases);
  for (SweepLine& line : cases.lines) {
    line.figures.resize(cases.figures.size(), kNone);
    line.numbers.resize(cases.axes.size(), kNone);
    line.changes.resize(cases.axes.size());
  }
  dropConstantAxes(cases);
  return cases;
}

bool isBetterMore(const QString& figure) {
  static constexpr std::array<std::string_view, 10> kMore{
      "tokens_per_s", "tokens_per_day", "mfu",        "tflops",    "goodput",
      "attainment",   "samples_per_s",  "prefix_hit", "completed", "balancedness"};
  const std::string key = figure.toStdString();
  return std::ranges::any_of(kMore,
                             [&](std::string_view word) { return key.find(word) != std::string::npos; });
}

QVector<int> paretoFront(const QVector<double>& x, bool moreX, const QVector<double>& y, bool moreY) {
  QVector<int> order;
  for (int i = 0; i < std::min(x.size(), y.size()); ++i)
    if (std::isfinite(x[i]) && std::isfinite(y[i])) order.append(i);
  const auto goodX = [&](int i) { return moreX ? x[i] : -x[i]; };
  const auto goodY = [&](int i) { return moreY ? y[i] : -y[i]; };
  std::ranges::stable_sort(
      order, [&](int a, int b) { return goodX(a) != goodX(b) ? goodX(a) > goodX(b) : goodY(a) > goodY(b); });
  QVector<int> front;
  double best = -std::numeric_limits<double>::infinity();
  for (const int i : order) {
    if (!(goodY(i) > best)) continue;
    best = goodY(i);
    front.append(i);
  }
  std::ranges::stable_sort(front, [&](int a, int b) { return x[a] < x[b]; });
  return front;
}

QStringList axisLabels(const QStringList& axes) {
  QVector<QStringList> parts;
  for (const QString& axis : axes) parts.append(axis.split(QLatin1Char('/'), Qt::SkipEmptyParts));
  QStringList labels;
  for (const QStringList& own : parts) {
    QString label = own.value(own.size() - 1);
    QVector<QStringList> alike;  // the axes that still read the same
    for (const QStringList& other : parts)
      if (other != own && other.value(other.size() - 1) == label) alike.append(other);
    for (qsizetype up = 2; up <= own.size() && !alike.isEmpty(); ++up) {
      const QString part = own[own.size() - up];
      const auto left =
          alike.removeIf([&](const QStringList& one) { return one.value(one.size() - up) != part; });
      if (left > 0) label.prepend(part + QLatin1Char(' '));
    }
    labels.append(label.replace(QLatin1Char('_'), QLatin1Char(' ')));
  }
  return labels;
}

QString changesText(const SweepCases& cases, const SweepLine& line) {
  const QStringList labels = axisLabels(cases.axes);
  QStringList parts;
  for (qsizetype i = 0; i < cases.axes.size(); ++i)
    if (!line.changes[i].isEmpty()) parts.append(QStringLiteral("%1 %2").arg(labels[i], line.changes[i]));
  return line.isOwn || parts.isEmpty() ? line.name : parts.join(QStringLiteral(", "));
}

QString lineTitle(const SweepCases& cases, const SweepLine& line) {
  return line.name.startsWith(QLatin1Char('/')) ? changesText(cases, line) : line.name;
}

QStringList faultLines(const SweepLine& line) {
  static const QString kFile = QStringLiteral(".json: ");
  QStringList faults = line.message.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
  for (QString& fault : faults)
    if (const qsizetype file = fault.indexOf(kFile); file >= 0) fault.remove(0, file + kFile.size());
  return faults;
}

QString sweepLabel(const QString& key, const SweepCases& cases) {
  const qsizetype axis = cases.axes.indexOf(key);
  return axis < 0 ? figureLabel(key) : axisLabels(cases.axes)[axis];
}

QString figureLabel(const QString& figure) {
  QStringList words;
  for (const QString& part : figure.split(QLatin1Char('.')))
    words.append(QString::fromStdString(metric_label(part.toStdString())));
  return words.join(QStringLiteral(", "));
}

}  // namespace moesim::gui
