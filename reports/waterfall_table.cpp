#include "reports/waterfall_table.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/metric.hpp"
#include "reports/text_table.hpp"

namespace moesim {
namespace {

constexpr std::size_t kBarWidth = 40;

double number(const Json& step, const char* key) {
  const auto found = step.find(key);
  return found != step.end() && found->is_number() ? found->get<double>() : 0;
}

std::string text(const Json& step, const char* key) {
  const auto found = step.find(key);
  return found != step.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string time_text(double seconds) {
  return metric_text(seconds, MetricUnit::seconds);
}

std::string interval_text(const Json& step) {
  if (!step.contains("low_s") || !step.contains("high_s")) return "";
  return fmt::format("{} to {}", time_text(number(step, "low_s")), time_text(number(step, "high_s")));
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

/// The largest sum on the way: the end of the bars.
double highest_sum(const Json& waterfall) {
  double sum = 0;
  double highest = 0;
  for (const Json& step : waterfall) highest = std::max(highest, sum += number(step, "seconds"));
  return highest;
}

std::string source_text(const Json& step) {
  const std::string source = text(step, "source");
  const std::string note = text(step, "note");
  return source.empty() || note.empty() ? source + note : source + "; " + note;
}

}  // namespace

std::string waterfall_table(const Json& result) {
  const auto found = result.is_object() ? result.find("waterfall") : result.end();
  if (found == result.end() || !found->is_array()) return "";
  const double whole = highest_sum(*found);
  TextTable table{{{"waterfall"},
                   {"time", Align::right},
                   {"interval", Align::right},
                   {"share", Align::right},
                   {""},
                   {"source"}},
                  {}};
  double sum = 0;
  for (const Json& step : *found) sum += number(step, "seconds");
  const double total = sum;
  sum = 0;
  for (const Json& step : *found) {
    const double seconds = number(step, "seconds");
    const std::string share = total > 0 ? metric_text(seconds / total, MetricUnit::fraction) : "";
    table.rows.push_back({text(step, "name"), time_text(seconds), interval_text(step), share,
                          bar(sum, sum + seconds, whole), source_text(step)});
    sum += seconds;
  }
  table.rows.push_back({"sum", time_text(total), "", "", bar(0, total, whole), ""});
  return plain_text(table);
}

}  // namespace moesim
