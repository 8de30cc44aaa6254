#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/routing/layer_routing.hpp"
#include "sim/routing_run/layer_placement.hpp"
#include "sim/routing_run/routing_account.hpp"
#include "sim/routing_run/routing_inputs.hpp"

namespace moesim {

class RecordedSteps;

/// What the layers of a run share.
struct SharedRouting {
  explicit SharedRouting(const RoutingInputs& inputs);
  std::shared_ptr<const Gate> gate;
  std::shared_ptr<const NoisePool> noise;
};

/// One layer of a run: its router, its placement and the figures of its last step.
class RoutedLayer {
 public:
  /// Solves the offsets of popularities that state shares; a warning says where the gate cannot give them.
  RoutedLayer(const RoutingInputs& inputs, const SharedRouting& shared, int layer);
  /// A layer that only plays recorded steps.
  RoutedLayer(const RoutingInputs& inputs, int layer);

  [[nodiscard]] int layer() const { return layer_; }
  /// Not of recorded routing.
  [[nodiscard]] LayerRouting& router() { return *router_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// Throws SpecError at /affinity where a drift exceeds what drifts.
  void begin_step(std::int64_t step);
  /// Ends the router's step and lays its load on the placement.
  void end_step();
  /// In place of both: the step that was read, of the layer at `index`.
  void play(const RecordedSteps& recorded, std::size_t index, std::int64_t step);

  // Of the step ended.
  [[nodiscard]] LayerFigures figures() const { return {max_violation_, expert_, placed_, routed_}; }
  [[nodiscard]] const std::optional<TrafficMatrix>& traffic() const { return traffic_; }
  /// A placement that the next step uses.
  [[nodiscard]] const std::optional<Replan>& replan() const { return replan_; }

 private:
  [[nodiscard]] bool counts_traffic(std::int64_t step) const;
  void place(const LayerStep& routed, std::span<const std::uint16_t> choices);

  const RoutingInputs& inputs_;
  int layer_;
  std::optional<LayerRouting> router_;
  LayerStep played_;
  LayerPlacement placement_;
  std::vector<std::string> warnings_;
  bool counts_traffic_ = false;
  double max_violation_ = 0, expert_ = 0;
  const LayerStep* routed_ = nullptr;
  const PlacedStep* placed_ = nullptr;
  std::optional<TrafficMatrix> traffic_;
  std::optional<Replan> replan_;
};

}  // namespace moesim
