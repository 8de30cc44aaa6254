#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <optional>
#include <vector>

#include "base/json.hpp"
#include "sim/results/record_sink.hpp"

namespace moesim::gui {

/// One latency of a serving result: time to first token, time per token, ... in seconds.
struct LatencyFigure {
  QString key;                  ///< of the summary: "ttft_s"
  QString name;                 ///< "TTFT"
  QString doc;                  ///< "time to the first token"
  QVector<double> values;       ///< [kLatencyStatistics], NaN where the result has none
  std::optional<double> limit;  ///< of the scenario's SLO
};

/// "mean", "p50", "p90", "p99".
const QStringList& latencyStatistics();

/// Those that the summary has, in the order TTFT, TPOT, ITL, E2E.
QVector<LatencyFigure> latencyFigures(const Json& result);

/// Of finite values: `share` of them are at most x, which ascends.
struct Distribution {
  QVector<double> x;
  QVector<double> share;
};
Distribution distributionOf(const std::vector<double>& values);
/// The same of a recorded histogram: a straight line between its edges. Empty for null and damaged ones.
Distribution sharesOf(const Histogram* histogram);
/// The x where straight lines between the points of `shares` reach a share; NaN for none.
double valueAtShare(const Distribution& shares, double share);

}  // namespace moesim::gui
