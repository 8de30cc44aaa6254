#include "reports/waterfall_table.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

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
  if (number(step, "low_s") == number(step, "high_s")) return "";
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

/// A waterfall with its total as a last part of its own.
struct Parts {
  std::vector<Json> steps;
  Json total;
};

Parts parts_of(const Json& waterfall) {
  Parts parts{{waterfall.begin(), waterfall.end()}, {}};
  double sum = 0;
  for (const Json& step : parts.steps) sum += number(step, "seconds");
  const double last = parts.steps.empty() ? 0 : number(parts.steps.back(), "seconds");
  constexpr double kRounding = 1e-9;
  if (parts.steps.size() > 1 && std::abs(sum - 2 * last) <= kRounding * std::abs(last)) {
    parts.total = parts.steps.back();
    parts.steps.pop_back();
  } else {
    parts.total = {{"name", "sum"}, {"seconds", sum}};
  }
  return parts;
}

/// Puts 0 for times that are nothing beside `total`, such as what rounding leaves.
void drop_rounding(std::vector<Json>& steps, double total) {
  constexpr double kNothing = 1e-6;
  for (Json& step : steps) {
    for (const char* key : {"seconds", "low_s", "high_s"}) {
      if (step.contains(key) && std::abs(number(step, key)) < kNothing * total) step[key] = 0;
    }
  }
}

/// The largest sum on the way: the end of the bars.
double highest_sum(const std::vector<Json>& steps) {
  double sum = 0;
  double highest = 0;
  for (const Json& step : steps) highest = std::max(highest, sum += number(step, "seconds"));
  return highest;
}

std::string source_text(const Json& step) {
  const std::string source = text(step, "source");
  const std::string note = text(step, "note");
  return source.empty() || note.empty() ? source + note : source + "; " + note;
}

std::string table_of(const Json& waterfall, const std::string& heading) {
  Parts parts = parts_of(waterfall);
  const double total = number(parts.total, "seconds");
  drop_rounding(parts.steps, total);
  const double whole = highest_sum(parts.steps);
  TextTable table{{{heading},
                   {"time", Align::right},
                   {"interval", Align::right},
                   {"share", Align::right},
                   {""},
                   {"source"}},
                  {}};
  const auto add = [&](const Json& step, double from) {
    const double seconds = number(step, "seconds");
    const std::string share = total > 0 ? metric_text(seconds / total, MetricUnit::fraction) : "";
    table.rows.push_back({metric_label(text(step, "name")), time_text(seconds), interval_text(step), share,
                          bar(from, from + seconds, whole), source_text(step)});
  };
  double sum = 0;
  for (const Json& step : parts.steps) {
    add(step, sum);
    sum += number(step, "seconds");
  }
  add(parts.total, 0);
  return plain_text(table);
}

}  // namespace

std::string waterfall_table(const Json& result) {
  const auto found = result.is_object() ? result.find("waterfall") : result.end();
  if (found == result.end()) return "";
  if (found->is_array()) return table_of(*found, "waterfall");
  if (!found->is_object()) return "";
  std::string text;
  for (const auto& [pool, waterfall] : found->items()) {
    if (!waterfall.is_array()) continue;
    text += (text.empty() ? "" : "\n") + table_of(waterfall, "waterfall of pool " + pool);
  }
  return text;
}

}  // namespace moesim
