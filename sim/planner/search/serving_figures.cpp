#include "sim/planner/search/serving_figures.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "sim/runner/summary_metric.hpp"
#include "sim/serving/mean_step.hpp"
#include "sim/serving/serving_energy.hpp"
#include "sim/serving/serving_summary.hpp"

namespace moesim {
namespace {

constexpr std::array<std::string_view, 4> kTimes{"ttft_s", "tpot_s", "itl_s", "e2e_s"};
constexpr std::array<std::string_view, 4> kQuantiles{"mean", "p50", "p90", "p99"};

double ratio(double a, double b) {
  return b > 0 ? a / b : 0;
}

struct Flows {
  double prompts_output = 0;  ///< output tokens that the prompts done will have, but the first
  double generated = 0;       ///< by pools that generate
  double gpu_s = 0;
  bool prompts = false;  ///< some pool computes nothing but prompts
};

Flows flows_of(const ServingInputs& inputs, const ServingResult& result) {
  Flows flows;
  const RequestStatistics& requests = result.requests;
  const auto timed = static_cast<double>(requests.completed - requests.residents);
  const double behind_first = std::max(0.0, requests.output_tokens - timed);
  for (std::size_t i = 0; i < inputs.pools.size(); ++i) {
    const PoolResult& pool = result.fleet.pools[i];
    flows.gpu_s += pool.allotted_unit_s * inputs.pools[i]->spec.layout.gpus;
    if (ServingInputs::generates(*inputs.pools[i])) {
      flows.generated += pool.totals.output_tokens;
    } else {
      flows.prompts = true;
      flows.prompts_output += pool.totals.input_tokens * ratio(behind_first, requests.input_tokens);
    }
  }
  return flows;
}

/// Why the measured time is no steady state.
std::string unsteady_of(const ServingInputs& inputs, const ServingResult& result, const Flows& flows) {
  const WorkloadSpec& workload = inputs.scenario.workload;
  const RequestStatistics& requests = result.requests;
  if (requests.completed - requests.residents <= 0) return "no request came and ended in the measured time";
  const bool closed = workload.saturated || workload.concurrency;
  if (closed && flows.prompts && flows.prompts_output < kSteadyShare * flows.generated)
    return "prompt pools do not keep up with the pools that generate";
  if (!closed &&
      flows.generated < kSteadyShare * (requests.output_tokens - static_cast<double>(requests.completed)))
    return "the fleet does not keep up with the arrivals";
  return "";
}

double memory_of(const PoolInputs& pool, const PoolResult& result) {
  const UnitMemory& memory = pool.memory;
  const double kv = result.totals.kv_used_max * static_cast<double>(memory.kv_tokens);
  return memory.weight_bytes() + memory.graph_bytes + kv * memory.kv_bytes_per_token;
}

void add(ServingFigures& figures, std::string name, double value) {
  figures.names.push_back(std::move(name));
  figures.values.push_back(value);
}

void add_named(ServingFigures& figures, const ServingInputs& inputs, const ServingResult& result,
               const Json& summary) {
  for (const std::string_view time : kTimes) {
    const auto found = summary.find(time);
    if (found == summary.end()) continue;
    for (const std::string_view quantile : kQuantiles)
      add(figures, fmt::format("{}.{}", time, quantile), member(*found, std::string(quantile)).get<double>());
  }
  for (const char* name :
       {"slo_attainment_fraction", "streams_per_decode_gpu", "kv_tokens_mean", "accepted_length_mean"}) {
    if (summary.contains(name)) add(figures, name, summary[name].get<double>());
  }
  if (const Json& used = member(summary, "kv_cache_used_fraction"); used.is_object())
    add(figures, "kv_cache_used_fraction.max", used["max"].get<double>());
  double memory = 0;
  double batch = 0;
  for (std::size_t i = 0; i < inputs.pools.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    memory = std::max(memory, memory_of(pool, result.fleet.pools[i]));
    if (ServingInputs::generates(pool))
      batch = std::max(batch, static_cast<double>(pool.spec.batching.max_batch));
  }
  add(figures, "memory_per_gpu_B", memory);
  add(figures, "max_batch", batch);
}

}  // namespace

double score(Objective objective, const ServingRates& rates) {
  const double value = figure_value(objective, rates);
  return objective == Objective::throughput ? -value : value;
}

std::string_view figure_name(Objective objective) {
  switch (objective) {
    case Objective::cost:
      return "cost_usd_per_million_output_tokens";
    case Objective::latency:
      return "tpot_s";
    case Objective::energy:
      return "energy_J_per_output_token";
    default:
      return "tokens_per_s_per_gpu";
  }
}

double figure_value(Objective objective, const ServingRates& rates) {
  switch (objective) {
    case Objective::cost:
      return rates.cost_usd;
    case Objective::latency:
      return rates.tpot_s;
    case Objective::energy:
      return rates.energy_J;
    default:
      return rates.tokens_per_s_per_gpu;
  }
}

std::optional<double> ServingFigures::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return values[static_cast<std::size_t>(found - names.begin())];
}

int gpus_of(const ServingInputs& inputs) {
  int gpus = 0;
  for (const auto& pool : inputs.pools) gpus += pool->spec.units * pool->spec.layout.gpus;
  return gpus;
}

ServingFigures serving_figures(const ServingInputs& inputs, const ServingResult& result) {
  constexpr double kMillion = 1e6;
  ServingFigures figures;
  const Json summary = serving_summary(inputs, result);
  const Flows flows = flows_of(inputs, result);
  figures.gpus = gpus_of(inputs);
  figures.unsteady = unsteady_of(inputs, result, flows);
  figures.rates.tokens_per_s_per_gpu = ratio(flows.generated, flows.gpu_s);
  figures.rates.tokens_per_s_per_user = summary.value("output_tokens_per_s_per_user", 0.0);
  figures.rates.cost_usd = ratio(fleet_cost(inputs, result.fleet).total() * kMillion, flows.generated);
  figures.rates.energy_J = ratio(fleet_energy_J(inputs, result.fleet), flows.generated);
  add_named(figures, inputs, result, summary);
  figures.rates.tpot_s = figures.find("tpot_s.mean").value_or(ratio(1, figures.rates.tokens_per_s_per_user));
  for (std::size_t i = 0; i < inputs.pools.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    const PoolResult& played = result.fleet.pools[i];
    const MeanStep step = mean_step(played.totals, pool);
    figures.steps.push_back({pool.name, pool.spec.role, step.time, played.utilisation});
  }
  return figures;
}

Json figures_json(const ServingFigures& figures) {
  const ServingRates& rates = figures.rates;
  Json out{{"tokens_per_s_per_gpu", rates.tokens_per_s_per_gpu},
           {"tokens_per_s_per_user", rates.tokens_per_s_per_user},
           {"gpus", figures.gpus},
           {"cost_usd_per_million_output_tokens", rates.cost_usd},
           {"energy_J_per_output_token", rates.energy_J}};
  for (std::size_t i = 0; i < figures.names.size(); ++i) {
    const std::size_t dot = figures.names[i].find('.');
    if (dot == std::string::npos)
      out[figures.names[i]] = figures.values[i];
    else
      out[figures.names[i].substr(0, dot)][figures.names[i].substr(dot + 1)] = figures.values[i];
  }
  return out;
}

}  // namespace moesim
