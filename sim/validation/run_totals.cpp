#include "sim/validation/run_totals.hpp"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/runner/summary_metric.hpp"

namespace moesim {
namespace {

constexpr std::string_view kTotal = "total.";
constexpr double kSecondsPerHour = 3600;
constexpr double kSecondsPerDay = 86400;

/// One step as its result tells it.
struct Step {
  double time_s = 0;
  double tokens = 0;
  double num_gpus = 0;
  const Json* summary = nullptr;
};

struct TotalMetric {
  std::string_view name;
  double (*of_step)(const Step& step);
};

constexpr std::array kTotals{
    TotalMetric{"total.steps", [](const Step&) { return 1.0; }},
    TotalMetric{"total.tokens", [](const Step& step) { return step.tokens; }},
    TotalMetric{"total.time_s", [](const Step& step) { return step.time_s; }},
    TotalMetric{"total.days", [](const Step& step) { return step.time_s / kSecondsPerDay; }},
    TotalMetric{"total.gpu_hours",
                [](const Step& step) { return step.time_s * step.num_gpus / kSecondsPerHour; }},
    TotalMetric{"total.cost_usd",
                [](const Step& step) {
                  return summary_metric(*step.summary, "cost_usd_per_trillion_tokens") * step.tokens / 1e12;
                }},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kTotals.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kTotals[i].name;
  return names;
}();

Step step_of(const Json& result) {
  const Json& summary = member(result, "summary");
  const Json& gpus = member(member(result, "cluster"), "gpus");
  if (!gpus.is_number()) throw RunError("the result names no GPUs");
  return {summary_metric(summary, "step_time_s"), summary_metric(summary, "tokens_per_step"),
          gpus.get<double>(), &summary};
}

}  // namespace

std::span<const std::string_view> total_metrics() {
  return kNames;
}

bool is_total_metric(std::string_view metric) {
  return metric.starts_with(kTotal);
}

double run_total(const std::string& metric, const std::vector<RunPhase>& phases,
                 const std::vector<Json>& results) {
  for (const TotalMetric& row : kTotals) {
    if (row.name != metric) continue;
    double total = 0;
    for (std::size_t i = 0; i < phases.size(); ++i) {
      const Step step = step_of(results.at(i));
      const double steps = phases[i].steps ? *phases[i].steps : *phases[i].tokens / step.tokens;
      total += steps * row.of_step(step);
    }
    return total;
  }
  const std::string near = nearest(metric, std::span<const std::string_view>(kNames));
  throw RunError(fmt::format("no total '{}'{}", metric,
                             near.empty() ? fmt::format("; known: {}", fmt::join(kNames, ", "))
                                          : fmt::format("; did you mean '{}'?", near)));
}

}  // namespace moesim
