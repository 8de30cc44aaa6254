#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <optional>

#include "base/json.hpp"
#include "reports/metric.hpp"

namespace moesim::gui {

/// One figure of a validation document: predicted against published, in SI units of its metric.
struct ValidationFigure {
  QString id;
  QString title;
  QString role;  ///< "check", "fit", "range"
  QString metric;
  QString unitText;  ///< as published
  MetricUnit unit = MetricUnit::count;
  double published = 0;
  std::optional<double> predicted;
  std::optional<double> low;  ///< least and greatest of the variants of a range
  std::optional<double> high;
  std::optional<double> tolerance;  ///< share of the published value
  QString status;                   ///< "pass", "outside", "failed"
  QString source;
  QString message;  ///< of one without a prediction

  /// (predicted - published) / |published|; nothing without a prediction or for 0.
  [[nodiscard]] std::optional<double> error() const;
  /// Of any prediction to this figure.
  [[nodiscard]] std::optional<double> errorOf(std::optional<double> value) const;
};

/// Those with a published number, in the order of the document.
QVector<ValidationFigure> validationFigures(const Json& result);

/// "6 checks: median 4.9 %, 90th percentile 8.9 %, largest 15.5 %"; empty where there is no summary.
QString validationSummary(const Json& result);

}  // namespace moesim::gui
