#include "sim/planner/search/serving_why.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include <fmt/format.h>

#include "sim/serving/mean_step.hpp"

namespace moesim {
namespace {

constexpr double kNear = 0.05;       // of a limit
constexpr double kNearlyFull = 0.9;  // of the KV cache
constexpr double kBusy = 0.85;       // of what prefill pools can do

const PoolStep* find_step(const ServingFigures& figures, const std::string& pool) {
  const auto found = std::ranges::find(figures.steps, pool, &PoolStep::pool);
  return found == figures.steps.end() ? nullptr : &*found;
}

Json rows_json(const ServingFigures& winner, const ServingFigures* runner_up) {
  Json rows = Json::array();
  for (const PoolStep& step : winner.steps) {
    const PoolStep* other = runner_up ? find_step(*runner_up, step.pool) : nullptr;
    const auto add = [&](std::string_view part, double ours, std::optional<double> theirs) {
      rows.push_back({{"part", fmt::format("{}.{}", step.pool, part)},
                      {"winner_s", ours},
                      {"runner_up_s", theirs ? Json(*theirs) : Json(nullptr)}});
    };
    for (const StepPart& part : kStepParts)
      add(part.name, step.time.*part.seconds,
          other ? std::optional(other->time.*part.seconds) : std::nullopt);
    add("step", step.time.total(), other ? std::optional(other->time.total()) : std::nullopt);
  }
  return rows;
}

void add_limits(Json& limited, const ServingSearch& search, const ServingFigures& figures) {
  for (const ServingLimit& limit : search.limits) {
    const std::optional<double> value = value_of(limit, figures);
    if (!value || limit.value <= 0) continue;
    const double room = limit.at_most ? 1 - *value / limit.value : *value / limit.value - 1;
    if (room <= kNear)
      limited.push_back(fmt::format("constraint {}: {} is {:.4g}", limit.text, limit.figure, *value));
  }
}

/// The largest part of an iteration of the pool that generates.
void add_step(Json& limited, const ServingFigures& figures) {
  for (const PoolStep& step : figures.steps) {
    if (step.role == PoolRole::prefill || step.time.total() <= 0) continue;
    const auto largest = std::ranges::max_element(
        kStepParts, {}, [&](const StepPart& part) { return step.time.*part.seconds; });
    limited.push_back(fmt::format("time: {:.0f} % of an iteration of {} is {}",
                                  100 * (step.time.*largest->seconds) / step.time.total(), step.pool,
                                  largest->name));
  }
}

/// Deployments that would be better but for a limit, or for memory.
void add_kept_out(Json& limited, const ServingSearch& search, const std::vector<ServingCandidate>& candidates,
                  const ServingCandidate& winner) {
  std::size_t faster = 0;
  for (const ServingCandidate& candidate : candidates) {
    const bool ran = candidate.state == CandidateState::evaluated && candidate.figures.unsteady.empty();
    if (ran && !candidate.good &&
        score(search.objective, candidate.figures.rates) < score(search.objective, winner.figures.rates))
      ++faster;
  }
  if (faster > 0) limited.push_back(fmt::format("constraints: {} better deployments miss one", faster));
}

Json limited_json(const ServingCandidates& source, const ServingSearch& search,
                  const std::vector<ServingCandidate>& candidates, const ServingCandidate& winner) {
  Json limited = Json::array();
  add_limits(limited, search, winner.figures);
  add_kept_out(limited, search, candidates, winner);
  const double kv = winner.figures.find("kv_cache_used_fraction.max").value_or(0);
  if (kv >= kNearlyFull) limited.push_back(fmt::format("memory: {:.0f} % of the KV cache is used", 100 * kv));
  const double prompts = source.prompt_use(winner);
  if (prompts >= kBusy)
    limited.push_back(fmt::format("prompts: {:.0f} % of what prefill pools can do is used", 100 * prompts));
  add_step(limited, winner.figures);
  return limited;
}

Json named_changes(const ServingPoint& point) {
  Json out = Json::object();
  for (std::size_t i = 0; i < point.pointers.size(); ++i) out[point.pointers[i]] = point.values[i];
  return out;
}

}  // namespace

Json why_json(const ServingCandidates& source, const ServingSearch& search,
              const std::vector<ServingCandidate>& candidates, const std::vector<std::size_t>& best) {
  const ServingCandidate& winner = candidates[best.front()];
  const ServingCandidate* second = best.size() > 1 ? &candidates[best[1]] : nullptr;
  return {{"winner", named_changes(winner.point)},
          {"runner_up", second ? named_changes(second->point) : Json(nullptr)},
          {"rows", rows_json(winner.figures, second ? &second->figures : nullptr)},
          {"limited_by", limited_json(source, search, candidates, winner)}};
}

}  // namespace moesim
