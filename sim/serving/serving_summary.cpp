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

Json times_json(const LogHistogram& times) {
  return {{"mean", times.mean()},
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

void add_throughput(Json& summary, const PoolSums& prompts, const PoolSums& generation) {
  summary["input_tokens_per_s_per_node"] = ratio(prompts.totals.input_tokens, prompts.node_s);
  summary["computed_tokens_per_s_per_node"] = ratio(prompts.totals.computed_tokens, prompts.node_s);
  summary["output_tokens_per_s_per_node"] = ratio(generation.totals.output_tokens, generation.node_s);
  summary["output_tokens_per_s_per_user"] = ratio(1, generation.totals.inter_token_s.mean());
}

void add_requests(Json& summary, const ServingResult& result, const PoolSums& generation) {
  const RequestStatistics& requests = result.requests;
  const auto completed = static_cast<double>(requests.completed);
  summary["requests_completed"] = requests.completed;
  summary["requests_rejected"] = requests.rejected;
  summary["requests_in_flight"] = result.fleet.in_flight;
  summary["ttft_s"] = times_json(requests.ttft_s);
  summary["tpot_s"] = times_json(requests.tpot_s);
  summary["itl_s"] = times_json(generation.totals.inter_token_s);
  summary["e2e_s"] = times_json(requests.e2e_s);
  const auto timed = static_cast<double>(requests.completed - requests.residents + requests.rejected);
  const double attained = ratio(static_cast<double>(requests.good), timed);
  const auto ended = completed + static_cast<double>(requests.rejected);
  summary["slo_attainment_fraction"] = attained;
  summary["goodput_requests_per_s"] = ratio(attained * ended, result.fleet.measured_s);
  summary["preemptions"] = requests.preemptions;
  summary["retries"] = requests.retries;
}

void add_cache(Json& summary, const RequestStatistics& requests, const PoolSums& generation) {
  const double gpu = ratio(requests.cached_gpu_tokens, requests.input_tokens);
  const double host = ratio(requests.cached_host_tokens, requests.input_tokens);
  const double disk = ratio(requests.cached_disk_tokens, requests.input_tokens);
  summary["prefix_hit_fraction"] = gpu + host + disk;
  summary["prefix_hit_by_tier_fraction"] = {{"gpu", gpu}, {"host", host}, {"disk", disk}};
  summary["kv_cache_used_fraction"] = {{"mean", ratio(generation.totals.kv_used_seconds, generation.unit_s)},
                                       {"max", generation.totals.kv_used_max}};
  summary["kv_tokens_mean"] = ratio(generation.totals.kv_token_seconds, generation.totals.sequence_seconds);
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

void add_steps(Json& summary, const ServingInputs& inputs, const FleetResult& fleet) {
  for (std::size_t i = 0; i < fleet.pools.size(); ++i) {
    const MeanStep step = mean_step(fleet.pools[i].totals, *inputs.pools[i]);
    if (step.iterations == 0) continue;
    Json& pool = summary["step"][fleet.pools[i].name];
    pool["step_time_s"] = step.time.total();
    pool["parts_s"] = parts_json(step.time);
    pool["tokens"] = step.batch.tokens();
    pool["expert_load"] = {{"max_over_mean", step.experts.gpu_max_over_mean},
                           {"slots_touched", step.experts.slots_touched}};
  }
}

}  // namespace

Json serving_summary(const ServingInputs& inputs, const ServingResult& result) {
  const FleetResult& fleet = result.fleet;
  const PoolSums prompts = sum_of(inputs, fleet, [](PoolRole role) { return role != PoolRole::decode; });
  const PoolSums generation = sum_of(inputs, fleet, [](PoolRole role) { return role != PoolRole::prefill; });
  Json summary = Json::object();
  add_throughput(summary, prompts, generation);
  add_requests(summary, result, generation);
  add_cache(summary, result.requests, generation);
  add_nodes(summary, inputs, result);
  summary["streams_per_decode_gpu"] = ratio(generation.totals.sequence_seconds, generation.gpu_s);
  summary["accepted_length_mean"] =
      ratio(generation.totals.accepted_tokens, generation.totals.sequence_iterations);
  const double cost = fleet_cost_usd(inputs, fleet);
  constexpr double kMillion = 1e6;
  constexpr double kDay = 86400;
  summary["cost_usd_per_day"] = ratio(cost * kDay, fleet.measured_s);
  summary["cost_usd_per_million_output_tokens"] = ratio(cost * kMillion, generation.totals.output_tokens);
  summary["energy_J_per_output_token"] =
      ratio(fleet_energy_J(inputs, fleet), generation.totals.output_tokens);
  summary["measured_s"] = fleet.measured_s;
  add_steps(summary, inputs, fleet);
  return summary;
}

}  // namespace moesim
