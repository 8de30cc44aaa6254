#include "gui/models/span_text.hpp"

#include <QStringList>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "gui/models/result_json.hpp"
#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

QString readable(const std::vector<std::string>& names, std::uint8_t index, const char* what) {
  return QString::fromStdString(name_or_index(names, index, what))
      .replace(QLatin1Char('_'), QLatin1Char(' '));
}

/// "unit 5 (decode)", without a pool where several do that phase or none is known.
QString unitText(const RunDocument& document, const Span& span) {
  const QString unit = QStringLiteral("unit %1").arg(span.rank);
  const Json& pools = childOf(childOf(document.result(), "scenario"), "deployment");
  if (!pools.is_object()) return unit;
  const QString phase = phaseText(document.names(), span.phase);
  const QString other =
      phase == QStringLiteral("decode") ? QStringLiteral("prefill") : QStringLiteral("decode");
  QStringList doing;
  for (const auto& [name, pool] : pools.items())
    if (pool.is_object() && textIn(pool, "role") != other) doing.append(QString::fromStdString(name));
  return doing.size() == 1 ? QStringLiteral("%1 (%2)").arg(unit, doing[0]) : unit;
}

}  // namespace

bool isOfRequests(const SpanNames& names) {
  return names.lanes.size() == 1 && names.lanes.front() == "request";
}

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
  if (isOfRequests(names)) return QStringLiteral("request slot %1").arg(gpu);
  if (gpu == rank) return QStringLiteral("rank %1").arg(rank);
  return QStringLiteral("rank %1 (GPU %2)").arg(rank).arg(gpu);
}

QString microbatchText(const SpanNames& names, int microbatch) {
  return isOfRequests(names) ? QStringLiteral("request %1").arg(microbatch)
                             : QStringLiteral("micro-batch %1").arg(microbatch);
}

QString bubbleText() {
  return QStringLiteral(
      "Idle (bubble): the share of GPU time in this range in which neither computation nor exposed\n"
      "communication runs. bubble_fraction_mean of the summary is the share of the whole step that lies\n"
      "between and after passes, mean over pipeline ranks: it counts the time in which a GPU waits there for "
      "a\n"
      "transfer, which is exposed communication here, and does not count gaps inside of a pass.");
}

std::optional<std::uint8_t> computationLane(const SpanNames& names) {
  const auto at = std::ranges::find(names.lanes, "computation");
  if (at == names.lanes.end()) return std::nullopt;
  return static_cast<std::uint8_t>(at - names.lanes.begin());
}

QString spanTimeText(double seconds) {
  return QString::fromStdString(metric_text(seconds, MetricUnit::seconds));
}

QString spanText(const RunDocument& document, const Span& span, double window_s) {
  const SpanNames& names = document.names();
  QStringList lines;
  lines.append(phaseText(names, span.phase));
  lines.append(QStringLiteral("%1, %2").arg(
      gpuText(names, span.gpu, span.rank),
      isOfRequests(names) ? unitText(document, span) : laneText(names, span.lane)));
  QString place = microbatchText(names, span.microbatch);
  if (span.layer >= 0) place += QStringLiteral(", layer %1").arg(span.layer);
  if (!isOfRequests(names)) place += QStringLiteral(", pass %1").arg(passText(names, span.pass));
  lines.append(place);
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
