#include "gui/widgets/timeline_axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace moesim::gui {
namespace {

constexpr double kSlack = 1e-3;  ///< of a step: a tick so close beside the range is at its end

struct TimeUnit {
  double seconds;
  const char* name;
};

constexpr std::array<TimeUnit, 4> kUnits{{{1, "s"}, {1e-3, "ms"}, {1e-6, "\u00b5s"}, {1e-9, "ns"}}};

/// The largest unit of which `seconds` is at least a hundredth.
const TimeUnit& unitOf(double seconds) {
  for (const TimeUnit& unit : kUnits)
    if (seconds >= 0.01 * unit.seconds * (1 - 1e-9)) return unit;
  return kUnits.back();
}

/// 1, 2 or 5 times a power of ten, at least `step`.
double roundStep(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= step * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

QString textOf(double time, const TimeUnit& unit, double step) {
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step / unit.seconds) - 1e-9)), 0, 9);
  return QStringLiteral("%1 %2").arg(QString::number(time / unit.seconds, 'f', decimals),
                                     QString::fromUtf8(unit.name));
}

}  // namespace

TimeRange TimelineAxis::zoomed(double x, double factor) const {
  const double at = timeOf(x);
  const double shortest = kShortest * std::max({std::abs(range.start), std::abs(range.end), 1e-9});
  const double length = std::max(range.length() * factor, shortest);
  const double share = (x - left) / width;
  const double start = at - share * length;
  return {start, start + length};
}

TimeRange TimelineAxis::panned(double pixels) const {
  const double shift = pixels * secondsPerPixel();
  return {range.start + shift, range.end + shift};
}

QVector<TimelineTick> timelineTicks(TimeRange range, int maxCount) {
  QVector<TimelineTick> ticks;
  if (!(range.length() > 0) || !std::isfinite(range.length()) || maxCount < 1) return ticks;
  const double step = roundStep(range.length() / maxCount);
  const TimeUnit& unit = unitOf(step);
  const double first = std::ceil(range.start / step - kSlack);
  for (int i = 0; i <= maxCount; ++i) {
    const double time = (first + i) * step;
    if (time > range.end + kSlack * step) break;
    ticks.append({time, textOf(time == 0 ? 0 : time, unit, step)});
  }
  return ticks;
}

QString timeText(double time, double pixelSeconds) {
  const double step = std::pow(10, std::floor(std::log10(std::max(pixelSeconds, 1e-12))));
  return textOf(time, unitOf(std::max(std::abs(time), step)), step);
}

}  // namespace moesim::gui
