#include "sim/serving/serving_summary.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/serving/mean_step.hpp"
#include "sim/serving/serving_energy.hpp"

namespace moesim {
namespace {

double ratio(double a, double b) {
  return b > 0 ? a / b : 0;
}

/// Nothing where no time is known, as of requests that were running at a warm start.
void add_times(Json& summary, const char* key, const LogHistogram& times) {
  if (times.total() <= 0) return;
  summary[key] = {{"mean", times.mean()},
                  {"p50", times.quantile(0.5)},
                  {"p90", times.quantile(0.9)},
                  {"p99", times.quantile(0.99)}};
}

/// Sums over some pools of a fleet.
struct PoolSums {
  UnitTotals totals;
  double node_s = 0;
  double gpu_s = 0;
  double unit_s = 0;
};

template <class Wanted>
PoolSums sum_of(const ServingInputs& inputs, const FleetResult& fleet, const Wanted& wanted) {
  PoolSums sums;
  for (std::size_t i = 0; i < fleet.pools.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    if (!wanted(pool.spec.role)) continue;
    const double unit_s = fleet.pools[i].allotted_unit_s;
    sums.totals.add(fleet.pools[i].totals);
    sums.unit_s += unit_s;
    sums.node_s += unit_s * pool.nodes_per_unit();
    sums.gpu_s += unit_s * pool.spec.layout.gpus;
  }
  return sums;
}

/// Which sides of a request a fleet has pools for; summaries leave out what the others would say.
struct Sides {
  bool prompts = false;
  bool generation = false;
};

Sides sides_of(const ServingInputs& inputs) {
  Sides sides;
  for (const auto& pool : inputs.pools) {
    sides.prompts = sides.prompts || pool->spec.role != PoolRole::decode;
    sides.generation = sides.generation || pool->spec.role != PoolRole::prefill;
  }
  return sides;
}

void add_requests(Json& summary, const ServingInputs& inputs, const ServingResult& result) {
  const RequestStatistics& requests = result.requests;
  summary["requests_completed"] = requests.completed;
  summary["requests_rejected"] = requests.rejected;
  summary["requests_in_flight"] = result.fleet.in_flight;
  add_times(summary, "e2e_s", requests.e2e_s);
  const SloSpec& slo = inputs.scenario.slo;
  const auto timed = static_cast<double>(requests.completed - requests.residents + requests.rejected);
  if (timed > 0 && (slo.ttft || slo.tpot || slo.e2e)) {
    const auto ended = static_cast<double>(requests.completed + requests.rejected);
    const double attained = ratio(static_cast<double>(requests.good), timed);
    summary["slo_attainment_fraction"] = attained;
    summary["goodput_requests_per_s"] = ratio(attained * ended, result.fleet.measured_s);
  }
  summary["preemptions"] = requests.preemptions;
  summary["retries"] = requests.retries;
}

void add_prompts(Json& summary, const RequestStatistics& requests, const PoolSums& prompts) {
  summary["input_tokens_per_s_per_node"] = ratio(prompts.totals.input_tokens, prompts.node_s);
  summary["computed_tokens_per_s_per_node"] = ratio(prompts.totals.computed_tokens, prompts.node_s);
  add_times(summary, "ttft_s", requests.ttft_s);
  const double gpu = ratio(requests.cached_gpu_tokens, requests.input_tokens);
  const double host = ratio(requests.cached_host_tokens, requests.input_tokens);
  const double disk = ratio(requests.cached_disk_tokens, requests.input_tokens);
  summary["prefix_hit_fraction"] = gpu + host + disk;
  summary["prefix_hit_by_tier_fraction"] = {{"gpu", gpu}, {"host", host}, {"disk", disk}};
}

void add_generation(Json& summary, const RequestStatistics& requests, const PoolSums& generation) {
  const UnitTotals& totals = generation.totals;
  summary["output_tokens_per_s_per_node"] = ratio(totals.output_tokens, generation.node_s);
  summary["output_tokens_per_s_per_user"] = ratio(1, totals.inter_token_s.mean());
  add_times(summary, "tpot_s", requests.tpot_s);
  add_times(summary, "itl_s", totals.inter_token_s);
  summary["kv_cache_used_fraction"] = {{"mean", ratio(totals.kv_used_seconds, generation.unit_s)},
                                       {"max", totals.kv_used_max}};
  summary["kv_tokens_mean"] = ratio(totals.kv_token_seconds, totals.sequence_seconds);
  summary["streams_per_decode_gpu"] = ratio(totals.sequence_seconds, generation.gpu_s);
  summary["accepted_length_mean"] = ratio(totals.accepted_tokens, totals.sequence_iterations);
}

/// Cost and energy, by output tokens or, where nothing is generated, by input tokens.
void add_costs(Json& summary, const ServingInputs& inputs, const FleetResult& fleet, const Sides& sides,
               double input_tokens, double output_tokens) {
  constexpr double kMillion = 1e6;
  constexpr double kDay = 86400;
  const CostParts parts = fleet_cost(inputs, fleet);
  const double cost = parts.total();
  const double tokens = sides.generation ? output_tokens : input_tokens;
  const std::string side = sides.generation ? "output" : "input";
  summary["cost_usd_per_day"] = ratio(cost * kDay, fleet.measured_s);
  summary["cost_usd_per_million_" + side + "_tokens"] = ratio(cost * kMillion, tokens);
  const bool priced =
      std::ranges::any_of(inputs.pools, [](const auto& pool) { return pool->cluster.price.has_value(); });
  if (priced && fleet.measured_s > 0) {
    CostParts day;
    day.add(parts, kDay / fleet.measured_s);
    summary["cost_parts_usd_per_day"] = cost_json(day);
  }
  summary["energy_J_per_" + side + "_token"] = ratio(fleet_energy_J(inputs, fleet), tokens);
}

void add_nodes(Json& summary, const ServingInputs& inputs, const ServingResult& result) {
  const FleetResult& fleet = result.fleet;
  double mean = 0;
  double peak = 0;
  Json by_pool = Json::object();
  for (const PoolResult& pool : fleet.pools) {
    mean += pool.nodes_mean;
    peak += pool.nodes_peak;
    by_pool[pool.name] = {{"mean", pool.nodes_mean}, {"peak", pool.nodes_peak}};
  }
  // Curves are samples: no peak of theirs is above the sum of the pools' peaks, or below their mean.
  const double at_once =
      result.nodes_peak > 0 ? std::clamp(result.nodes_peak, std::min(mean, peak), peak) : peak;
  summary["nodes"] = {{"mean", mean}, {"peak", at_once}};
  summary["nodes_by_pool"] = by_pool;
  Json utilisation = Json::object();
  for (const PoolResult& pool : fleet.pools) utilisation[pool.name] = pool.utilisation;
  summary["busy_by_pool_fraction"] = utilisation;
  for (std::size_t i = 0; i < fleet.pools.size(); ++i) {
    const PoolResult& pool = fleet.pools[i];
    const bool scales = inputs.pools[i]->spec.scaling.policy == ScalingPolicy::target;
    if (!scales || pool.role == PoolRole::decode) continue;
    summary["nodes_for_prompts"][pool.name] = {
        {"floor", pool.nodes_floor}, {"for_ttft", pool.nodes_for_ttft}, {"with_headroom", pool.nodes_mean}};
  }
}

Json parts_json(const StepTime& step) {
  Json parts = Json::object();
  for (const StepPart& part : kStepParts) parts[std::string(part.name)] = step.*part.seconds;
  return parts;
}

Json step_json(const MeanStep& step) {
  return {
      {"step_time_s", step.time.total()},
      {"parts_s", parts_json(step.time)},
      {"tokens", step.batch.tokens()},
      {"expert_load",
       {{"max_over_mean", step.experts.gpu_max_over_mean}, {"slots_touched", step.experts.slots_touched}}}};
}

void add_steps(Json& summary, const ServingInputs& inputs, const FleetResult& fleet) {
  for (std::size_t i = 0; i < fleet.pools.size(); ++i) {
    const UnitTotals& totals = fleet.pools[i].totals;
    const MeanStep step = mean_step(totals, *inputs.pools[i]);
    const MeanStep mixed = mixed_step(totals, *inputs.pools[i]);
    if (step.iterations + mixed.iterations == 0) continue;
    Json& pool = summary["step"][fleet.pools[i].name];
    pool = step.iterations > 0 ? step_json(step) : Json::object();
    if (mixed.iterations == 0) continue;
    pool["with_prompts"] = step_json(mixed);
    pool["with_prompts"]["iterations_fraction"] =
        ratio(mixed.iterations, static_cast<double>(totals.iterations));
  }
}

}  // namespace

Json serving_summary(const ServingInputs& inputs, const ServingResult& result) {
  const FleetResult& fleet = result.fleet;
  const PoolSums prompts = sum_of(inputs, fleet, [](PoolRole role) { return role != PoolRole::decode; });
  const PoolSums generation = sum_of(inputs, fleet, [](PoolRole role) { return role != PoolRole::prefill; });
  const Sides sides = sides_of(inputs);
  Json summary = Json::object();
  add_requests(summary, inputs, result);
  if (sides.prompts) add_prompts(summary, result.requests, prompts);
  if (sides.generation) add_generation(summary, result.requests, generation);
  add_nodes(summary, inputs, result);
  add_costs(summary, inputs, fleet, sides, prompts.totals.input_tokens, generation.totals.output_tokens);
  summary["measured_s"] = fleet.measured_s;
  add_steps(summary, inputs, fleet);
  return summary;
}

}  // namespace moesim
