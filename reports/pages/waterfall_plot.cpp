#include "reports/pages/waterfall_plot.hpp"

#include <algorithm>

#include "reports/metric.hpp"
#include "reports/svg.hpp"

namespace moesim {
namespace {

using svg::Anchor;

constexpr double kNames = 274;
constexpr double kValues = 90;
constexpr double kRow = 27;
constexpr double kBar = 18;

/// Lays one part out: a bar from `from` to `from + seconds` of `whole`.
std::string part_row(const WaterfallStep& step, double from, double whole, double y, std::size_t colour) {
  const auto place = [&](double seconds) {
    return kNames + std::clamp(seconds / whole, 0.0, 1.0) * (svg::kWidth - kNames - kValues);
  };
  const std::string label = metric_label(step.name);
  const std::string value = metric_text(step.seconds, MetricUnit::seconds);
  std::string body = svg::text(kNames - 12, y + 14, Anchor::end, "", svg::fitted(label, kNames - 14));
  const double begin = place(std::min(from, from + step.seconds));
  const double end = place(std::max(from, from + step.seconds));
  body += svg::rect(begin, y, std::max(end - begin, 1.0), kBar, colour, label + ": " + value);
  double right = end;
  if (step.has_interval()) {
    const double low = place(from + step.low_s);
    const double high = place(from + step.high_s);
    body += svg::line(low, y + kBar / 2, high, y + kBar / 2, "whisker");
    for (const double x : {low, high}) body += svg::line(x, y + 4, x, y + kBar - 4, "whisker");
    right = std::max(right, high);
  }
  return body + svg::text(right + 8, y + 14, Anchor::start, "sum", value);
}

}  // namespace

std::string waterfall_plot(const Waterfall& waterfall) {
  double whole = std::max(waterfall.highest_sum(), waterfall.total.seconds);
  double sum = 0;
  for (const WaterfallStep& step : waterfall.steps) {
    if (step.has_interval()) whole = std::max(whole, sum + step.high_s);
    sum += step.seconds;
  }
  if (whole <= 0) return "";
  std::string body;
  double y = 4;
  sum = 0;
  for (const WaterfallStep& step : waterfall.steps) {
    if (step.seconds == 0 && !step.has_interval()) continue;
    body += part_row(step, sum, whole, y, 0);
    sum += step.seconds;
    y += kRow;
  }
  WaterfallStep total = waterfall.total;
  total.low_s = total.high_s;
  body += part_row(total, 0, whole, y, 7);
  return svg::picture(y + kRow, "waterfall", body);
}

}  // namespace moesim
