#include "sim/training/training_summary.hpp"

#include "sim/cluster/cost.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/flops.hpp"
#include "sim/training/training_run.hpp"

namespace moesim {
namespace {

constexpr double kSecondsPerHour = 3600;
constexpr double kSecondsPerDay = 86400;

double pass_s(const RankTimes& times, PassKind kind) {
  return times.pass_s[static_cast<std::size_t>(kind)];
}

/// Reduce-scatter, optimizer and all-gather behind the passes, from the time that all ranks take part.
double step_end_s(const RankTimes& times) {
  double sum = 0;
  for (const Phase phase : {Phase::reduce_scatter, Phase::optimizer, Phase::all_gather}) {
    sum += times.step_end_s[static_cast<std::size_t>(phase)];
  }
  return sum;
}

/// What is left of a step beside the passes of a rank and the end of the step.
double bubble_s(const RankTimes& times, double step_s) {
  double passes = 0;
  for (const PassKind kind :
       {PassKind::forward, PassKind::backward, PassKind::weight, PassKind::forward_backward}) {
    passes += pass_s(times, kind);
  }
  return std::max(0.0, step_s - passes - step_end_s(times));
}

Json phases_json(const RankTimes& times, double step_s) {
  return {{"forward", pass_s(times, PassKind::forward)},
          {"backward", pass_s(times, PassKind::backward)},
          {"weight", pass_s(times, PassKind::weight)},
          {"forward_backward", pass_s(times, PassKind::forward_backward)},
          {"bubble", bubble_s(times, step_s)},
          {"optimizer", step_end_s(times)}};
}

RankTimes mean_of(const std::vector<RankTimes>& ranks) {
  RankTimes mean;
  const auto num = static_cast<double>(ranks.size());
  const auto add = [&](auto& into, const auto& from) {
    for (std::size_t i = 0; i < into.size(); ++i) into[i] += from[i] / num;
  };
  for (const RankTimes& rank : ranks) {
    add(mean.pass_s, rank.pass_s);
    add(mean.phase_s, rank.phase_s);
    add(mean.step_end_s, rank.step_end_s);
    add(mean.busy_s, rank.busy_s);
    mean.exposed_communication_s += rank.exposed_communication_s / num;
    mean.idle_s += rank.idle_s / num;
  }
  return mean;
}

Json layer_pair_json(const LayerPair& pair) {
  constexpr std::array kTransfers{Phase::dispatch_forward, Phase::combine_forward, Phase::combine_backward,
                                  Phase::dispatch_backward};
  constexpr std::array kComputation{Phase::attention_forward,  Phase::mlp_forward,
                                    Phase::mlp_backward,       Phase::mlp_weight,
                                    Phase::attention_backward, Phase::attention_weight};
  const auto seconds = [&](Phase phase) { return pair.phase_s[static_cast<std::size_t>(phase)]; };
  Json json = {{"total", pair.total_s}};
  for (const Phase phase : kComputation) json[to_string(phase)] = seconds(phase);
  double transfers = 0;
  for (const Phase phase : kTransfers) {
    json[to_string(phase)] = seconds(phase);
    transfers += seconds(phase);
  }
  json["transfers"] = transfers;
  json["exposed_communication"] = pair.exposed_communication_s;
  return json;
}

Json memory_json(const MemoryPlan& memory) {
  Json by_stage = Json::array();
  for (const MemoryItems& items : memory.ranks) by_stage.push_back(items.total().value());
  return {{"max", memory.peak().value()}, {"by_stage", by_stage}};
}

/// Spans of the collectives of groups that a layer is split over, of those that the layout has.
Json split_json(const Layout& layout, const RankTimes& mean) {
  Json json = Json::object();
  const auto add = [&](int size, const char* key, Phase forward, Phase backward) {
    if (size == 1) return;
    json[key] =
        mean.phase_s[static_cast<std::size_t>(forward)] + mean.phase_s[static_cast<std::size_t>(backward)];
  };
  add(layout.tp, "tensor", Phase::tensor_forward, Phase::tensor_backward);
  add(layout.cp, "context", Phase::context_forward, Phase::context_backward);
  add(layout.etp, "expert_tensor", Phase::expert_tensor_forward, Phase::expert_tensor_backward);
  return json;
}

/// Electrical energy of the whole cluster for one step: GPUs between idle and peak power by the share of time
/// that they compute (assumed).
double energy_J(const TrainingInputs& inputs, const RankTimes& mean, double step_s) {
  const ClusterSpec& cluster = inputs.cluster();
  const PowerSpec& power = cluster.power;
  const double busy = mean.busy_s[static_cast<std::size_t>(Lane::computation)] / step_s;
  const double gpu = power.gpu_idle.value() + (power.gpu_peak - power.gpu_idle).value() * busy;
  const double watts =
      cluster.num_gpus() * (gpu + power.network_port.value()) + cluster.num_nodes * power.node_other.value();
  return watts * power.pue * step_s;
}

/// What is known of routed tokens besides the loads that a step is made of.
void add_routed_load(const LayerLoads& loads, Json& json) {
  const RoutedLoad load = loads.mean();
  json["nic_max_over_mean"] = load.nic_max_over_mean;
  json["nodes_per_token"] = load.nodes_per_token;
  json["ranks_per_token"] = load.ranks_per_token;
  json["rank"] = {{"p10", load.rank_interval.p10}, {"p90", load.rank_interval.p90}};
  json["node"] = {{"p10", load.node_interval.p10}, {"p90", load.node_interval.p90}};
  json["max_over_mean_by_layer"] = Json::array();
  for (const RoutedLoad& layer : loads.distinct())
    json["max_over_mean_by_layer"].push_back(layer.rank_max_over_mean);
}

constexpr double kTrillion = 1e12;

/// Of a trillion tokens; with its parts where the cluster has a price.
void add_cost(const TrainingInputs& inputs, double gpu_s, double energy, Json& json) {
  const CostParts cost = cost_of(inputs.cluster(), gpu_s, energy);
  json["cost_usd_per_trillion_tokens"] = cost.total();
  if (inputs.cluster().price) json["cost_parts_usd_per_trillion_tokens"] = cost_json(cost);
}

}  // namespace

StepRates step_rates(const TrainingInputs& inputs, double step_s) {
  const auto tokens = static_cast<double>(inputs.recipe().tokens_per_step());
  const double num_gpus = inputs.cluster().num_gpus();
  StepRates rates;
  rates.tokens_per_s = tokens / step_s;
  rates.tokens_per_s_per_gpu = rates.tokens_per_s / num_gpus;
  rates.gpu_hours_per_trillion_tokens = 1e12 / rates.tokens_per_s_per_gpu / kSecondsPerHour;
  return rates;
}

Json training_summary(const TrainingInputs& inputs, const StepGraph& step, const EngineResult& result,
                      const std::optional<LayerPair>& pair) {
  const double step_s = result.makespan_s;
  const StepRates rates = step_rates(inputs, step_s);
  const std::int64_t length = inputs.recipe().sequence_length;
  const auto achieved = [&](bool causal) {
    return training_flops_per_token(inputs.model(), length, causal).value() * rates.tokens_per_s_per_gpu;
  };
  const double peak = inputs.profile->gpu().peak_bf16.value();
  const RankTimes& first = result.ranks.front();
  const RankTimes mean = mean_of(result.ranks);
  Json json = {{"step_time_s", step_s},
               {"tokens_per_step", inputs.recipe().tokens_per_step()},
               {"tokens_per_s", rates.tokens_per_s},
               {"tokens_per_s_per_gpu", rates.tokens_per_s_per_gpu},
               {"tokens_per_day", rates.tokens_per_s * kSecondsPerDay},
               {"tflops_per_gpu_causal", achieved(true) / 1e12},
               {"tflops_per_gpu_noncausal", achieved(false) / 1e12},
               {"mfu_causal", achieved(true) / peak},
               {"mfu_noncausal", achieved(false) / peak},
               {"gpu_hours_per_trillion_tokens", rates.gpu_hours_per_trillion_tokens},
               {"phases_s", phases_json(first, step_s)},
               {"phases_mean_s", phases_json(mean, step_s)},
               {"bubble_fraction", bubble_s(first, step_s) / step_s},
               {"bubble_fraction_mean", bubble_s(mean, step_s) / step_s},
               {"exposed_communication_fraction", mean.exposed_communication_s / step_s}};
  if (pair) json["layer_pair_s"] = layer_pair_json(*pair);
  json["memory_per_gpu_B"] = memory_json(inputs.plan.memory);
  const RoutedLoad load = step.loads.mean();
  json["expert_load"] = {{"max_over_mean", load.rank_max_over_mean},
                         {"node_max_over_mean", load.node_max_over_mean}};
  if (inputs.routed) add_routed_load(step.loads, json["expert_load"]);
  if (inputs.recipe().capacity_factor) json["expert_load"]["dropped_fraction"] = load.dropped_fraction;
  if (const Json split = split_json(inputs.layout(), mean); !split.empty())
    json["split_communication_s"] = split;
  const double energy =
      energy_J(inputs, mean, step_s) / static_cast<double>(inputs.recipe().tokens_per_step());
  json["energy_J_per_token"] = energy;
  add_cost(inputs, rates.gpu_hours_per_trillion_tokens * kSecondsPerHour, energy * kTrillion, json);
  return json;
}

Json balanced_routing_json(const TrainingInputs& inputs, int threads) {
  StepParts parts;
  parts.expert_load = false;
  const double step_s = replayed_seconds(inputs, parts, threads);
  return {{"step_time_s", step_s},
          {"gpu_hours_per_trillion_tokens", step_rates(inputs, step_s).gpu_hours_per_trillion_tokens}};
}

Json provenance_json(const StepGraph& step, const EngineInput& input) {
  const GpuState& gpu = input.gpus.front();
  ProvenanceFractions sum;
  double total = 0;
  for (const auto& program : step.graph.programs) {
    for (const Operation& op : program) {
      const OperationCost& cost = step.graph.cost_of(op);
      const double seconds = cost.delay_s + cost.work_s +
                             std::max(cost.nic_B / gpu.nic_out_Bps, cost.nvlink_B / gpu.nvlink_Bps) +
                             cost.tail_nvlink_B / gpu.nvlink_Bps;
      const ProvenanceFractions& origin = step.origins[op.cost];
      total += seconds;
      sum.measured += seconds * origin.measured;
      sum.published += seconds * origin.published;
      sum.derived += seconds * origin.derived;
      sum.assumed += seconds * origin.assumed;
    }
  }
  const auto share = [&](double seconds) { return total > 0 ? seconds / total : 0.0; };
  return {{"measured", share(sum.measured)},
          {"published", share(sum.published)},
          {"derived", share(sum.derived)},
          {"assumed", share(sum.assumed)}};
}

}  // namespace moesim
