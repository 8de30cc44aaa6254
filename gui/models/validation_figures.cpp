#include "gui/models/validation_figures.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "gui/models/result_json.hpp"

namespace moesim::gui {

std::optional<double> ValidationFigure::errorOf(std::optional<double> value) const {
  if (!value || published == 0) return {};
  return (*value - published) / std::abs(published);
}

std::optional<double> ValidationFigure::error() const {
  return errorOf(predicted);
}

QVector<ValidationFigure> validationFigures(const Json& result) {
  QVector<ValidationFigure> figures;
  const Json& cases = childOf(result, "cases");
  if (!cases.is_array()) return figures;
  for (const Json& one : cases) {
    const auto published = numberIn(one, "published");
    if (!published) continue;
    ValidationFigure figure;
    figure.id = textIn(one, "id");
    figure.title = textIn(one, "title");
    figure.role = textIn(one, "role");
    figure.metric = textIn(one, "metric");
    figure.unitText = textIn(one, "unit");
    figure.unit = unit_of_key(figure.metric.toStdString());
    figure.published = *published;
    figure.predicted = numberIn(one, "predicted");
    figure.low = numberIn(one, "low");
    figure.high = numberIn(one, "high");
    figure.tolerance = numberIn(one, "tolerance");
    figure.status = textIn(one, "status");
    figure.source = textIn(one, "source");
    figure.message = textIn(one, "message");
    figures.append(figure);
  }
  return figures;
}

QString validationSummary(const Json& result) {
  const Json& summary = childOf(result, "summary");
  const auto median = numberIn(summary, "median_abs_error");
  const auto cases = numberIn(summary, "cases");
  if (!median || !cases) return {};
  const auto percent = [&](const char* key) {
    return QString::fromStdString(metric_text(numberOrNan(summary, key), MetricUnit::fraction));
  };
  return QStringLiteral("%1 checks: median error %2, 90th percentile %3, largest %4")
      .arg(*cases)
      .arg(percent("median_abs_error"), percent("p90_abs_error"), percent("max_abs_error"));
}

}  // namespace moesim::gui
