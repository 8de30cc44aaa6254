#include "reports/waterfall_table.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/metric.hpp"
#include "reports/text_table.hpp"
#include "reports/waterfall.hpp"

namespace moesim {
namespace {

constexpr std::size_t kBarWidth = 40;

std::string time_text(double seconds) {
  return metric_text(seconds, MetricUnit::seconds);
}

std::string interval_text(const WaterfallStep& step) {
  if (!step.has_interval()) return "";
  return fmt::format("{} to {}", time_text(step.low_s), time_text(step.high_s));
}

/// '#' from `from` to `to` of `whole`, at least one for a part that is not nothing.
std::string bar(double from, double to, double whole) {
  if (whole <= 0 || from == to) return "";
  const auto column = [&](double seconds) {
    const double place = std::clamp(seconds / whole, 0.0, 1.0) * static_cast<double>(kBarWidth);
    return static_cast<std::size_t>(std::llround(place));
  };
  const std::size_t begin = std::min(column(std::min(from, to)), kBarWidth - 1);
  const std::size_t end = std::max(column(std::max(from, to)), begin + 1);
  return std::string(begin, ' ') + std::string(end - begin, '#');
}

std::string table_of(const Waterfall& waterfall) {
  const double total = waterfall.total.seconds;
  const double whole = waterfall.highest_sum();
  TextTable table{{{waterfall.pool.empty() ? "waterfall" : "waterfall of pool " + waterfall.pool},
                   {"time", Align::right},
                   {"interval", Align::right},
                   {"share", Align::right},
                   {""},
                   {"source"}},
                  {}};
  const auto add = [&](const WaterfallStep& step, double from) {
    const std::string share = total > 0 ? metric_text(step.seconds / total, MetricUnit::fraction) : "";
    table.rows.push_back({metric_label(step.name), time_text(step.seconds), interval_text(step), share,
                          bar(from, from + step.seconds, whole), step.source_text()});
  };
  double sum = 0;
  for (const WaterfallStep& step : waterfall.steps) {
    add(step, sum);
    sum += step.seconds;
  }
  add(waterfall.total, 0);
  return plain_text(table);
}

}  // namespace

std::string waterfall_table(const Json& result) {
  std::string text;
  for (const Waterfall& waterfall : waterfalls_of(result))
    text += (text.empty() ? "" : "\n") + table_of(waterfall);
  return text;
}

}  // namespace moesim
