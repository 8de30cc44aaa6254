#include "gui/widgets/plot_scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace moesim::gui {
namespace {

struct Prefix {
  double factor;
  const char* text;
};
constexpr std::array<Prefix, 5> kCounts{{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "K"}, {1, ""}}};
constexpr std::array<Prefix, 5> kSi{{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}};
constexpr std::array<Prefix, 5> kTimes{{{3600, "h"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}};
constexpr std::array<Prefix, 4> kSmall{{{1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}}};

Prefix fitting(double magnitude, std::span<const Prefix> prefixes) {
  for (const Prefix& prefix : prefixes) {
    if (magnitude >= prefix.factor) return prefix;
  }
  return magnitude > 0 ? prefixes.back() : Prefix{1, ""};
}

AxisScale prefixed(double magnitude, std::span<const Prefix> prefixes, const QString& unit) {
  const Prefix prefix = fitting(magnitude, prefixes);
  return {prefix.factor, QString::fromLatin1(prefix.text) + unit};
}

AxisScale countScale(double magnitude, const QString& unit) {
  constexpr double kExact = 10'000;
  if (magnitude < kExact) return {1, unit};
  AxisScale scale = prefixed(magnitude, kCounts, {});
  if (!unit.isEmpty()) scale.unit += QLatin1Char(' ') + unit;
  return scale;
}

AxisScale timeScale(double magnitude) {
  constexpr double kTwoHours = 7200;
  const auto prefixes = std::span(kTimes).subspan(magnitude >= kTwoHours ? 0 : 1);
  return magnitude > 0 ? prefixed(magnitude, prefixes, {}) : AxisScale{1, QStringLiteral("s")};
}

}  // namespace

AxisScale axisScale(const PlotAxis& axis, double magnitude) {
  if (!axis.categories.isEmpty()) return {1, {}};
  magnitude = std::isfinite(magnitude) ? std::abs(magnitude) : 1;
  switch (axis.unit) {
    case MetricUnit::count:
      return countScale(magnitude, axis.unitText);
    case MetricUnit::seconds:
      return timeScale(magnitude);
    case MetricUnit::bytes:
      return prefixed(magnitude, kSi, QStringLiteral("B"));
    case MetricUnit::bytes_per_second:
      return prefixed(magnitude, kSi, QStringLiteral("B/s"));
    case MetricUnit::fraction:
      return {0.01, QStringLiteral("%")};
    case MetricUnit::gpu_hours:
      return prefixed(magnitude, kCounts, QStringLiteral(" GPU-hours"));
    case MetricUnit::dollars:
      return prefixed(magnitude < 1 ? 1 : magnitude, kCounts, QStringLiteral("$"));
    case MetricUnit::joules:
      return magnitude < 1 ? prefixed(magnitude, kSmall, QStringLiteral("J"))
                           : prefixed(magnitude, kSi, QStringLiteral("J"));
    case MetricUnit::watts:
      return prefixed(magnitude < 1 ? 1 : magnitude, kSi, QStringLiteral("W"));
    case MetricUnit::teraflops:
      return {1, QStringLiteral("TFLOP/s")};
  }
  return {};
}

QString axisTitle(const PlotAxis& axis, const AxisScale& scale) {
  const QString unit = scale.unit.trimmed();
  if (unit.isEmpty()) return axis.label;
  return axis.label.isEmpty() ? unit : QStringLiteral("%1 (%2)").arg(axis.label, unit);
}

QString tickText(double value, double step, const AxisScale& scale) {
  const double shown = value / scale.factor;
  const double shownStep = std::abs(step / scale.factor);
  if (!std::isfinite(shown) || !(shownStep > 0)) return QString::number(shown, 'g', 6);
  if (std::abs(shown) >= 1e7 || shownStep < 1e-9) return QString::number(shown, 'g', 9);
  int decimals = 0;
  for (double part = shownStep; decimals < 9 && std::abs(part - std::round(part)) > 1e-6 * part; part *= 10)
    ++decimals;
  const QString text = QString::number(shown, 'f', decimals);
  return text.startsWith(QLatin1Char('-')) && text.toDouble() == 0 ? text.mid(1) : text;
}

QString valueText(double value, const PlotAxis& axis) {
  if (!axis.categories.isEmpty()) {
    const auto place = static_cast<qsizetype>(std::lround(std::clamp(value, -1.0, 1e6)));
    return axis.categories.value(place);
  }
  if (!std::isfinite(value)) return QStringLiteral("none");
  QString text = QString::fromStdString(metric_text(value, axis.unit));
  if (axis.unit == MetricUnit::count && !axis.unitText.isEmpty()) text += QLatin1Char(' ') + axis.unitText;
  return text;
}

QString inLines(const QString& text, int room, int most, const QFontMetrics& metrics) {
  if (metrics.horizontalAdvance(text) <= room) return text;
  // The latest space up to which the first line fits; what is behind it is on the next ones.
  qsizetype at = -1;
  for (qsizetype space = text.indexOf(u' '); space >= 0; space = text.indexOf(u' ', space + 1))
    if (metrics.horizontalAdvance(text.left(space)) <= room) at = space;
  if (at < 0 || most < 2) return metrics.elidedText(text, Qt::ElideRight, room);
  return text.left(at) + QLatin1Char('\n') + inLines(text.mid(at + 1), room, most - 1, metrics);
}

}  // namespace moesim::gui
