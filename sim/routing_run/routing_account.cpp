#include "sim/routing_run/routing_account.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/math.hpp"
#include "sim/load/expert_load.hpp"

namespace moesim {

RoutingAccount::RoutingAccount(const RoutingInputs& inputs)
    : inputs_(inputs),
      summed_(inputs.layers.size(),
              std::vector<double>(static_cast<std::size_t>(inputs.model.num_experts), 0.0)) {}

void RoutingAccount::add(std::size_t index, const LayerFigures& figures) {
  max_violation_.add(figures.max_violation);
  expert_.add(figures.expert);
  const PlacedStep& placed = *figures.placed;
  rank_.add(placed.rank);
  node_.add(placed.node);
  slot_.add(placed.slot);
  balancedness_.add(placed.balancedness);
  if (placed.slot_after_eplb) slot_after_eplb_.add(*placed.slot_after_eplb);
  if (placed.rank_after_eplb) rank_after_eplb_.add(*placed.rank_after_eplb);
  const LayerStep& routed = *figures.routed;
  chosen_ += routed.num_chosen;
  dropped_ += routed.num_dropped;
  expert_loss_.add(routed.losses.expert);
  device_loss_.add(routed.losses.device);
  communication_loss_.add(routed.losses.communication);
  sequence_loss_.add(routed.losses.sequence);
  for (std::size_t e = 0; e < routed.chosen.size(); ++e) summed_[index][e] += routed.chosen[e];
}

void RoutingAccount::add(const TrafficMatrix& traffic) {
  const PortCopies ports = traffic.ports();
  nvlink_in_.add(max_over_mean(ports.nvlink_in));
  nvlink_out_.add(max_over_mean(ports.nvlink_out));
  nic_in_.add(max_over_mean(ports.nic_in));
  nic_out_.add(max_over_mean(ports.nic_out));
  if (traffic_) {
    *traffic_ += traffic;
  } else {
    traffic_ = traffic;
  }
}

void RoutingAccount::add_replan(double moved_B, double time_s) {
  ++num_replans_;
  moved_B_ += moved_B;
  move_time_s_ += time_s;
}

void RoutingAccount::add_validation(std::span<const double> chosen) {
  validation_.add(imbalance(chosen));
}

Json RoutingAccount::summary() const {
  RunningMean global;
  for (const std::vector<double>& load : summed_) global.add(imbalance(load));
  const RoutingBatch& batch = inputs_.scenario.batch;
  const std::int64_t tokens = tokens_per_step();
  Json summary{
      {"max_violation_batch", max_violation_.mean()},
      {"max_violation_global", global.mean()},
      {"max_violation_floor", violation_floor(tokens, inputs_.model.num_experts, inputs_.model.top_k)},
      {"balancedness_mean", balancedness_.mean()},
      {"imbalance", imbalance_json()},
      {"dropped_fraction", chosen_ == 0 ? 0 : static_cast<double>(dropped_) / static_cast<double>(chosen_)},
      {"losses",
       {{"expert", expert_loss_.mean()},
        {"device", device_loss_.mean()},
        {"communication", communication_loss_.mean()},
        {"sequence", sequence_loss_.mean()}}}};
  if (validation_.count > 0) summary["max_violation_validation"] = validation_.mean();
  if (traffic_) summary["traffic"] = traffic_json();
  if (num_replans_ > 0) {
    const auto count = static_cast<double>(num_replans_);
    summary["replanning"] = {
        {"plans", num_replans_}, {"moved_B", moved_B_ / count}, {"move_time_s", move_time_s_ / count}};
  }
  summary["tokens_per_step"] = tokens;
  summary["steps"] = batch.steps;
  summary["measured_steps"] = inputs_.measured_steps();
  summary["layers"] = inputs_.layers.size();
  return summary;
}

/// Recorded counts have as many as they have.
std::int64_t RoutingAccount::tokens_per_step() const {
  if (!inputs_.scenario.recorded || inputs_.scenario.recorded->ids) return inputs_.scenario.batch.tokens;
  return chosen_ / std::max<std::int64_t>(1, max_violation_.count) / inputs_.model.top_k;
}

Json RoutingAccount::imbalance_json() const {
  Json all{{"expert", expert_.mean()}, {"rank", rank_.mean()}, {"node", node_.mean()}};
  if (inputs_.scenario.placement.redundant_experts > 0) all["slot"] = slot_.mean();
  if (slot_after_eplb_.count > 0) all["slot_after_eplb"] = slot_after_eplb_.mean();
  if (rank_after_eplb_.count > 0) all["rank_after_eplb"] = rank_after_eplb_.mean();
  return all;
}

Json RoutingAccount::traffic_json() const {
  const RoutingRecord& record = inputs_.scenario.record;
  const double copy_B =
      bytes_per_copy(inputs_.model.hidden, record.dispatch_format, record.dispatch_mode).value();
  const auto tokens = static_cast<double>(traffic_->num_tokens());
  const auto per_token = [&](std::uint64_t copies) { return copy_B * static_cast<double>(copies) / tokens; };
  const LinkTotals totals = traffic_->totals();
  Json json{{"dispatch_per_token_B",
             {{"local", per_token(totals.local)},
              {"nvlink", per_token(totals.nvlink)},
              {"nic", per_token(totals.nic)}}},
            {"copy_B", copy_B}};
  if (record.dispatch_mode == DispatchMode::normal) {
    json["nodes_per_token"] = traffic_->nodes_per_token();
    json["gpus_per_token"] = traffic_->gpus_per_token();
  }
  json["max_over_mean"] = {{"nvlink_in", nvlink_in_.mean()},
                           {"nvlink_out", nvlink_out_.mean()},
                           {"nic_in", nic_in_.mean()},
                           {"nic_out", nic_out_.mean()}};
  return json;
}

double violation_floor(std::int64_t tokens, int num_experts, int top_k) {
  const double share = static_cast<double>(top_k) / num_experts;
  const double load = std::max(1.0, static_cast<double>(tokens) * share);
  return expected_max_of_normals(num_experts) * std::sqrt((1 - share) / load);
}

}  // namespace moesim
