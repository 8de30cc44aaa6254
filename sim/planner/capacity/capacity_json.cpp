#include "sim/planner/capacity/capacity_json.hpp"
#include "sim/cluster/cost.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/planner/capacity/first_break.hpp"
#include "sim/serving/serving_energy.hpp"

namespace moesim {
namespace {

constexpr double kHundred = 100;

/// Infinite times are null.
Json time_json(double seconds) {
  return std::isfinite(seconds) ? Json(seconds) : Json();
}

Json units_json(const ServingInputs& inputs, const Units& units) {
  Json pools = Json::object();
  for (std::size_t i = 0; i < units.size(); ++i) pools[inputs.pools[i]->name] = units[i];
  return pools;
}

Json targets_json(const std::vector<SloTarget>& slo, const std::vector<TargetOutcome>& outcomes) {
  Json targets = slo_json(slo);
  for (std::size_t i = 0; i < slo.size(); ++i) {
    const TargetOutcome& outcome = outcomes[i];
    targets[i]["value_s"] = time_json(outcome.value_s);
    targets[i]["slack_fraction"] = time_json(1 - outcome.value_s / slo[i].limit_s);
    targets[i]["requests"] = outcome.requests;
    targets[i]["misses"] = outcome.misses;
    targets[i]["holds"] = outcome.holds;
  }
  return targets;
}

Json margin_json(const LoadMargin& margin) {
  Json json{{"load", margin.load}, {"tolerance_fraction", kLoadTolerance - 1}};
  json["breaking_load"] = margin.breaking_load > 0 ? Json(margin.breaking_load) : Json();
  return json;
}

Json break_json(const ServingInputs& inputs, const std::vector<SloTarget>& slo, const LoadMargin& margin) {
  if (margin.breaking.holds || margin.breaking.fleet.pools.empty()) return {};
  const FirstBreak first = first_break(inputs, slo, margin.breaking);
  return {{"target", slo[first.target].text()},
          {"pool", first.pool},
          {"resource", first.resource},
          {"load", margin.breaking_load},
          {"busy_fraction", first.pressure.busy_fraction},
          {"kv_used_max_fraction", first.pressure.kv_used_fraction},
          {"batch_used_fraction", first.pressure.batch_fraction},
          {"prompt_wait_mean_s", first.pressure.wait_mean_s},
          {"prompt_step_mean_s", first.pressure.prompt_step_s},
          {"decode_step_mean_s", first.pressure.decode_step_s}};
}

/// By output tokens or, where nothing is generated, by input tokens.
void add_token_cost(Json& json, const ServingInputs& inputs, const FleetResult& fleet) {
  constexpr double kMillion = 1e6;
  double output = 0;
  double input = 0;
  for (std::size_t i = 0; i < fleet.pools.size(); ++i) {
    const PoolRole role = inputs.pools[i]->spec.role;
    if (role != PoolRole::prefill) output += fleet.pools[i].totals.output_tokens;
    if (role != PoolRole::decode) input += fleet.pools[i].totals.input_tokens;
  }
  const double tokens = output > 0 ? output : input;
  if (!(tokens > 0)) return;
  json[output > 0 ? "cost_usd_per_million_output_tokens" : "cost_usd_per_million_input_tokens"] =
      fleet_cost(inputs, fleet).total() * kMillion / tokens;
}

}  // namespace

Json slo_json(const std::vector<SloTarget>& slo) {
  Json targets = Json::array();
  for (const SloTarget& target : slo) {
    targets.push_back({{"figure", enum_name(target.figure)},
                       {"percentile", kHundred * target.share},
                       {"limit_s", target.limit_s}});
  }
  return targets;
}

Json fleet_json(const ServingInputs& inputs, const Units& units) {
  constexpr double kDay = 86400;
  double gpus = 0;
  double nodes = 0;
  CostParts day;
  bool has_price = false;
  Json pools = Json::object();
  for (std::size_t i = 0; i < units.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    const double pool_gpus = static_cast<double>(units[i]) * pool.spec.layout.gpus;
    const double pool_nodes = units[i] * pool.nodes_per_unit();
    gpus += pool_gpus;
    nodes += pool_nodes;
    day.add(cost_of(pool.cluster, kDay, kDay * peak_facility_power(pool.cluster).value()), pool_gpus);
    has_price = has_price || pool.cluster.price;
    pools[pool.name] = {{"units", units[i]}, {"gpus", std::lround(pool_gpus)}, {"nodes", pool_nodes}};
  }
  Json json{
      {"gpus", std::lround(gpus)}, {"nodes", nodes}, {"cost_usd_per_day", day.total()}, {"pools", pools}};
  if (has_price) json["cost_parts_usd_per_day"] = cost_json(day);
  return json;
}

Json sized_json(const ServingInputs& inputs, const std::vector<SloTarget>& slo, const SizedFleet& sized) {
  Json json = Json::object();
  json["p90"] = fleet_json(inputs, sized.sizes.p90);
  json["p50"] = fleet_json(inputs, sized.sizes.p50);
  json["stated"] = fleet_json(inputs, sized.sizes.stated);
  add_token_cost(json, inputs, sized.trial.fleet);
  json["targets"] = targets_json(slo, sized.trial.targets);
  json["margin"] = margin_json(sized.margin);
  json["breaks_first"] = break_json(inputs, slo, sized.margin);
  return json;
}

Json trials_json(const ServingInputs& inputs, const std::vector<StatedTrial>& trials) {
  Json rows = Json::array();
  for (const StatedTrial& trial : trials) {
    Json values = Json::array();
    for (const TargetOutcome& target : trial.targets) values.push_back(time_json(target.value_s));
    rows.push_back({{"units", units_json(inputs, trial.units)},
                    {"load", trial.load},
                    {"holds", std::ranges::all_of(trial.targets, &TargetOutcome::holds)},
                    {"values_s", values}});
  }
  return rows;
}

Json draw_trials_json(const ServingInputs& inputs, const std::vector<DrawTrial>& trials) {
  Json rows = Json::array();
  for (const DrawTrial& trial : trials) {
    rows.push_back({{"units", units_json(inputs, trial.units)},
                    {"wanted", trial.wanted},
                    {"holding", trial.holding},
                    {"holds", trial.holds}});
  }
  return rows;
}

}  // namespace moesim
