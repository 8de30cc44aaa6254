#include "gui/models/run_estimate.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace moesim::gui {
namespace {

/// The pace is that of these last seconds; a run has phases of different pace.
constexpr double kWindow = 20;
constexpr double kLeastTime = 0.5;

}  // namespace

void RunEstimate::add(double time, double fraction) {
  if (!std::isfinite(time) || !std::isfinite(fraction)) return;
  if (!m_points.isEmpty() && (time < m_points.last().time || fraction < m_points.last().fraction)) clear();
  m_points.append({time, fraction});
  while (m_points.size() > 2 && m_points[1].time < time - kWindow) m_points.removeFirst();
}

std::optional<double> RunEstimate::remaining() const {
  if (m_points.size() < 2) return std::nullopt;
  const Point& first = m_points.first();
  const Point& last = m_points.last();
  const double done = last.fraction - first.fraction;
  if (done <= 0 || last.time - first.time < kLeastTime) return std::nullopt;
  return std::max(0.0, 1 - last.fraction) * (last.time - first.time) / done;
}

QString durationText(double seconds) {
  const auto tr = [](const char* text) { return QCoreApplication::translate("RunEstimate", text); };
  if (!std::isfinite(seconds) || seconds < 0) return {};
  const auto whole = static_cast<qint64>(std::min(std::round(seconds), 1e9));
  if (whole < 60) return tr("%1 s").arg(whole);
  if (whole < 3600) return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
  return tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60);
}

}  // namespace moesim::gui
