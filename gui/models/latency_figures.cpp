#include "gui/models/latency_figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/units.hpp"
#include "gui/models/result_json.hpp"

namespace moesim::gui {
namespace {

struct Kind {
  const char* key;
  const char* slo;  ///< key of its limit
  const char* name;
  const char* doc;
};
constexpr std::array<Kind, 4> kKinds{{{"ttft_s", "ttft", "TTFT", "time to the first token"},
                                      {"tpot_s", "tpot", "TPOT", "time per output token of a request"},
                                      {"itl_s", "itl", "ITL", "time between tokens of a stream"},
                                      {"e2e_s", "e2e", "E2E", "time to the last token"}}};

std::optional<double> limitOf(const Json& result, const char* key) {
  const QString text = textIn(childOf(childOf(result, "scenario"), "slo"), key);
  if (text.isEmpty()) return {};
  try {
    return parse<Seconds>(text.toStdString()).value();
  } catch (const UnitError&) {
    return {};
  }
}

}  // namespace

const QStringList& latencyStatistics() {
  static const QStringList kStatistics{QStringLiteral("mean"), QStringLiteral("p50"), QStringLiteral("p90"),
                                       QStringLiteral("p99")};
  return kStatistics;
}

QVector<LatencyFigure> latencyFigures(const Json& result) {
  QVector<LatencyFigure> figures;
  for (const Kind& kind : kKinds) {
    const Json& times = childOf(childOf(result, "summary"), kind.key);
    LatencyFigure figure{QString::fromLatin1(kind.key),
                         QString::fromLatin1(kind.name),
                         QString::fromLatin1(kind.doc),
                         {},
                         limitOf(result, kind.slo)};
    bool isThere = false;
    for (const QString& statistic : latencyStatistics()) {
      figure.values.append(numberOrNan(times, statistic.toLatin1().constData()));
      isThere = isThere || std::isfinite(figure.values.last());
    }
    if (isThere) figures.append(figure);
  }
  return figures;
}

Distribution distributionOf(const std::vector<double>& values) {
  std::vector<double> sorted;
  for (const double value : values)
    if (std::isfinite(value)) sorted.push_back(value);
  std::ranges::sort(sorted);
  Distribution distribution;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    distribution.x.append(sorted[i]);
    distribution.share.append(static_cast<double>(i + 1) / static_cast<double>(sorted.size()));
  }
  return distribution;
}

double valueAtShare(const Distribution& shares, double share) {
  const auto at = std::ranges::lower_bound(shares.share, share) - shares.share.begin();
  if (at == shares.share.size()) return std::numeric_limits<double>::quiet_NaN();
  if (at == 0) return shares.x[0];
  const double step = shares.share[at] - shares.share[at - 1];
  return shares.x[at - 1] + (share - shares.share[at - 1]) / step * (shares.x[at] - shares.x[at - 1]);
}

Distribution sharesOf(const Histogram* histogram) {
  Distribution distribution;
  if (!histogram || histogram->edge.size() != histogram->weight.size()) return distribution;
  double total = 0;
  for (const double weight : histogram->weight) total += weight;
  if (!(total > 0) || !std::isfinite(total)) return distribution;
  double below = 0;
  for (std::size_t i = 0; i < histogram->edge.size(); ++i) {
    below += histogram->weight[i];
    distribution.x.append(histogram->edge[i]);
    distribution.share.append(std::min(below / total, 1.0));
  }
  return distribution;
}

}  // namespace moesim::gui
