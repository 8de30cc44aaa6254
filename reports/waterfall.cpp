#include "reports/waterfall.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

double number(const Json& step, const char* key) {
  const auto found = step.find(key);
  return found != step.end() && found->is_number() ? found->get<double>() : 0;
}

std::string text(const Json& step, const char* key) {
  const auto found = step.find(key);
  return found != step.end() && found->is_string() ? found->get<std::string>() : std::string();
}

WaterfallStep step_of(const Json& step) {
  return {text(step, "name"),     number(step, "seconds"), number(step, "low_s"),
          number(step, "high_s"), text(step, "source"),    text(step, "note")};
}

/// Puts 0 for times that are nothing beside `total`, such as what rounding leaves.
void drop_rounding(std::vector<WaterfallStep>& steps, double total) {
  constexpr double kNothing = 1e-6;
  for (WaterfallStep& step : steps) {
    for (double* time : {&step.seconds, &step.low_s, &step.high_s}) {
      if (std::abs(*time) < kNothing * total) *time = 0;
    }
  }
}

Waterfall waterfall_of(const Json& parts, const std::string& pool) {
  Waterfall waterfall{pool, {}, {}};
  for (const Json& part : parts) {
    if (part.is_object()) waterfall.steps.push_back(step_of(part));
  }
  double sum = 0;
  for (const WaterfallStep& step : waterfall.steps) sum += step.seconds;
  const double last = waterfall.steps.empty() ? 0 : waterfall.steps.back().seconds;
  constexpr double kRounding = 1e-9;
  if (waterfall.steps.size() > 1 && std::abs(sum - 2 * last) <= kRounding * std::abs(last)) {
    waterfall.total = waterfall.steps.back();
    waterfall.steps.pop_back();
  } else {
    waterfall.total.name = "sum";
    waterfall.total.seconds = sum;
  }
  drop_rounding(waterfall.steps, waterfall.total.seconds);
  return waterfall;
}

}  // namespace

std::string WaterfallStep::source_text() const {
  return source.empty() || note.empty() ? source + note : source + "; " + note;
}

double Waterfall::highest_sum() const {
  double sum = 0;
  double highest = 0;
  for (const WaterfallStep& step : steps) highest = std::max(highest, sum += step.seconds);
  return highest;
}

std::vector<Waterfall> waterfalls_of(const Json& result) {
  std::vector<Waterfall> all;
  const auto found = result.is_object() ? result.find("waterfall") : result.end();
  if (found == result.end()) return all;
  if (found->is_array()) all.push_back(waterfall_of(*found, ""));
  if (!found->is_object()) return all;
  for (const auto& [pool, parts] : found->items()) {
    if (parts.is_array()) all.push_back(waterfall_of(parts, pool));
  }
  return all;
}

}  // namespace moesim
