#include "gui/views/curve_csv.hpp"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <limits>

#include "gui/models/latency_figures.hpp"
#include "reports/csv.hpp"

namespace moesim::gui {
namespace {

QString field(const QString& value) {
  return QString::fromStdString(csv_field(value.toStdString()));
}

QString number(double value) {
  return std::isnan(value) ? QString() : QString::number(value, 'g', QLocale::FloatingPointShortest);
}

void addPoints(const RunDocument& document, const QString& name, QString& rows) {
  const Series* series = document.series(name.toStdString());
  if (!series) return;
  const QString head =
      QStringLiteral("%1,%2,%3,")
          .arg(field(document.title()), field(name), field(QString::fromStdString(series->unit)));
  for (std::size_t i = 0; i < std::min(series->time_s.size(), series->value.size()); ++i)
    rows += head + QStringLiteral("%1,%2\r\n").arg(number(series->time_s[i]), number(series->value[i]));
}

void addLatency(const QString& head, const QString& what, double share, double seconds, QString& rows) {
  if (!std::isfinite(seconds)) return;
  rows += head + QStringLiteral("%1,%2,%3\r\n").arg(what, number(share), number(seconds));
}

}  // namespace

QString seriesCsv(const RunDocument& first, const RunDocument* second, const QStringList& names) {
  QString rows;
  for (const QString& name : names)
    for (const RunDocument* document : {&first, second})
      if (document) addPoints(*document, name, rows);
  if (rows.isEmpty()) return {};
  const bool hasTime = first.kind() != QStringLiteral("routing");
  return QStringLiteral("result,curve,unit,%1,value\r\n")
             .arg(hasTime ? QStringLiteral("time_s") : QStringLiteral("step")) +
         rows;
}

QString latencyCsv(const RunDocument& first, const RunDocument* second) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  constexpr double kShares[] = {kNone, 0.5, 0.9, 0.99};  // of latencyStatistics()
  QString rows;
  for (const RunDocument* document : {&first, second}) {
    if (!document) continue;
    for (const LatencyFigure& figure : latencyFigures(document->result())) {
      const QString head = QStringLiteral("%1,%2,").arg(field(document->title()), figure.key);
      for (int i = 0; i < figure.values.size(); ++i)
        addLatency(head, latencyStatistics()[i], kShares[i], figure.values[i], rows);
      if (figure.limit) addLatency(head, QStringLiteral("slo"), kNone, *figure.limit, rows);
      const Distribution shares = sharesOf(document->histogram(figure.key.toStdString()));
      for (int i = 0; i < shares.x.size(); ++i)
        addLatency(head, QStringLiteral("distribution"), shares.share[i], shares.x[i], rows);
    }
  }
  return rows.isEmpty() ? QString() : QStringLiteral("result,latency,what,share,time_s\r\n") + rows;
}

}  // namespace moesim::gui
