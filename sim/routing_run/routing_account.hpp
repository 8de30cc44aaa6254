#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/quantity.hpp"
#include "sim/load/traffic_matrix.hpp"
#include "sim/routing_run/layer_placement.hpp"
#include "sim/routing_run/routing_inputs.hpp"

namespace moesim {

/// Mean of what was added.
struct RunningMean {
  double sum = 0;
  std::int64_t count = 0;
  void add(double value) {
    sum += value;
    ++count;
  }
  [[nodiscard]] double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
};

/// One layer in one step, as the summary and the curves see it.
struct LayerFigures {
  double max_violation = 0;  ///< of the gate's choices
  double expert = 0;         ///< imbalance() of the kept choices
  const PlacedStep* placed = nullptr;
  const LayerStep* routed = nullptr;
};

/// What the measured steps of a run add up to; its size does not grow with them.
class RoutingAccount {
 public:
  explicit RoutingAccount(const RoutingInputs& inputs);

  /// A measured step of the layer at `index`. In the order of steps, then layers.
  void add(std::size_t index, const LayerFigures& figures);
  /// Copies of a measured step in one layer.
  void add(const TrafficMatrix& traffic);
  /// A new placement of all layers at once, in any step.
  void add_replan(double moved_B, double time_s);

  /// Choices of a layer's validation, [num_experts].
  void add_validation(std::span<const double> chosen);

  /// The document's "summary".
  [[nodiscard]] Json summary() const;

 private:
  [[nodiscard]] std::int64_t tokens_per_step() const;
  [[nodiscard]] Json imbalance_json() const;
  [[nodiscard]] Json traffic_json() const;

  const RoutingInputs& inputs_;
  RunningMean max_violation_, validation_, expert_, rank_, node_, slot_, balancedness_;
  RunningMean slot_after_eplb_, rank_after_eplb_;
  RunningMean expert_loss_, device_loss_, communication_loss_, sequence_loss_;
  std::int64_t chosen_ = 0, dropped_ = 0;
  std::vector<std::vector<double>> summed_;  // [num_layers, num_experts] choices
  std::optional<TrafficMatrix> traffic_;
  RunningMean nvlink_in_, nvlink_out_, nic_in_, nic_out_;  // max over mean of ports
  std::int64_t num_replans_ = 0;
  double moved_B_ = 0, move_time_s_ = 0;
};

/// What the greatest of E loads is expected to exceed their mean by, over it, where T tokens choose K of E
/// experts that are all alike: m sqrt((1 - K / E) / (T K / E)), m the expected greatest of E standard normals
/// (whose asymptote is sqrt(2 ln E), 23 % more at 64 experts).
double violation_floor(std::int64_t tokens, int num_experts, int top_k);

}  // namespace moesim
