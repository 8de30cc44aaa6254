#include "gui/models/span_text.hpp"

#include <QStringList>
#include <algorithm>
#include <vector>

#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

bool isOfRequests(const SpanNames& names) {
  return names.lanes.size() == 1 && names.lanes.front() == "request";
}

QString readable(const std::vector<std::string>& names, std::uint8_t index, const char* what) {
  return QString::fromStdString(name_or_index(names, index, what))
      .replace(QLatin1Char('_'), QLatin1Char(' '));
}

}  // namespace

QString phaseText(const SpanNames& names, std::uint8_t phase) {
  return readable(names.phases, phase, "phase");
}

QString laneText(const SpanNames& names, std::uint8_t lane) {
  return readable(names.lanes, lane, "lane");
}

QString passText(const SpanNames& names, std::uint8_t pass) {
  return readable(names.passes, pass, "pass");
}

QString gpuText(const SpanNames& names, std::int32_t gpu, std::int32_t rank) {
  if (isOfRequests(names)) return QStringLiteral("place %1").arg(gpu);
  if (gpu == rank) return QStringLiteral("rank %1").arg(rank);
  return QStringLiteral("rank %1 (GPU %2)").arg(rank).arg(gpu);
}

QString microbatchText(const SpanNames& names, int microbatch) {
  return isOfRequests(names) ? QStringLiteral("request %1").arg(microbatch)
                             : QStringLiteral("micro-batch %1").arg(microbatch);
}

std::optional<std::uint8_t> computationLane(const SpanNames& names) {
  const auto at = std::ranges::find(names.lanes, "computation");
  if (at == names.lanes.end()) return std::nullopt;
  return static_cast<std::uint8_t>(at - names.lanes.begin());
}

QString spanTimeText(double seconds) {
  return QString::fromStdString(metric_text(seconds, MetricUnit::seconds));
}

QString spanText(const SpanNames& names, const Span& span, double window_s) {
  QStringList lines;
  lines.append(phaseText(names, span.phase));
  lines.append(QStringLiteral("%1, %2").arg(gpuText(names, span.gpu, span.rank), laneText(names, span.lane)));
  QString place = microbatchText(names, span.microbatch);
  if (span.layer >= 0) place += QStringLiteral(", layer %1").arg(span.layer);
  lines.append(QStringLiteral("%1, pass %2").arg(place, passText(names, span.pass)));
  lines.append(QStringLiteral("start %1, end %2").arg(spanTimeText(span.start_s), spanTimeText(span.end_s)));
  const double length = span.end_s - span.start_s;
  QString duration = QStringLiteral("duration %1").arg(spanTimeText(length));
  if (window_s > 0)
    duration += QStringLiteral(", %1 of what is shown")
                    .arg(QString::fromStdString(metric_text(length / window_s, MetricUnit::fraction)));
  lines.append(duration);
  return lines.join(QLatin1Char('\n'));
}

}  // namespace moesim::gui
