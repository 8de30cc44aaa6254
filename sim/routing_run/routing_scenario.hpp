#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"
#include "models/number_format.hpp"
#include "sim/load/traffic_matrix.hpp"
#include "sim/plan/published_figure.hpp"
#include "sim/routing/balance_losses.hpp"
#include "sim/routing/bias_balance.hpp"
#include "sim/routing/capacity.hpp"
#include "sim/routing/gate.hpp"
#include "sim/routing/replica_choice.hpp"
#include "workloads/affinity/affinity_source.hpp"
#include "workloads/affinity/affinity_spec.hpp"
#include "workloads/recorded_routing/recorded_source.hpp"

namespace moesim {

template <>
struct EnumNames<GateFlavour> {
  static constexpr std::array<std::pair<GateFlavour, std::string_view>, 2> table{
      {{GateFlavour::reference, "reference"}, {GateFlavour::hugging_face, "hugging_face"}}};
};

template <>
struct EnumNames<BatchMode> {
  static constexpr std::array<std::pair<BatchMode, std::string_view>, 2> table{
      {{BatchMode::training, "training"}, {BatchMode::decode, "decode"}}};
};

/// Which slot holds which expert.
enum class PlacementStrategy : std::uint8_t { contiguous, round_robin, eplb };

template <>
struct EnumNames<PlacementStrategy> {
  static constexpr std::array<std::pair<PlacementStrategy, std::string_view>, 3> table{
      {{PlacementStrategy::contiguous, "contiguous"},
       {PlacementStrategy::round_robin, "round_robin"},
       {PlacementStrategy::eplb, "eplb"}}};
};

/// How EPLB places experts anew as steps go by.
struct Replanning {
  int redundant_experts = 0;         ///< slots beyond one for each expert
  std::optional<int> replan_every;   ///< steps between two plans
  std::optional<int> replan_window;  ///< steps whose loads a plan sums; absent: replan_every
  int replan_lag = 0;                ///< most recent steps that a plan has not seen yet
  [[nodiscard]] int window() const { return replan_window.value_or(replan_every.value_or(1)); }
};
const Spec<Replanning>& spec_of(const Replanning*);

/// Where the experts of a layer are.
struct PlacementChoice : Replanning {
  int ep = 1;  ///< GPUs of the expert group
  PlacementStrategy strategy = PlacementStrategy::contiguous;
  ReplicaChoice replica_choice = ReplicaChoice::round_robin;
  std::optional<Replanning> what_if;  ///< EPLB beside the placement, fed with the same loads
};
const Spec<PlacementChoice>& spec_of(const PlacementChoice*);

/// What the gate and its balancing do.
struct RoutingRules : BiasSchedule {
  GateFlavour flavour = GateFlavour::reference;
  LossSpec losses;
  std::optional<CapacitySpec> capacity;
  double reinforcement = 0;
  std::optional<std::string> dynamics;  ///< constants of how the router moves, calib/routers
};
const Spec<RoutingRules>& spec_of(const RoutingRules*);

/// The tokens of a step: all that one expert group routes between two updates of the biases.
struct RoutingBatch {
  BatchMode mode = BatchMode::training;
  std::int64_t tokens = 16384;
  std::int64_t steps = 1000;
  std::optional<int> layers;                   ///< absent: every MoE layer
  std::optional<std::int64_t> measured_steps;  ///< the last ones; absent: the last quarter
  std::int64_t validation_steps = 0;           ///< batches behind the last step, while nothing moves
};
const Spec<RoutingBatch>& spec_of(const RoutingBatch*);

/// What is written, and how often.
struct RoutingRecord {
  std::int64_t every = 1;
  std::int64_t traffic_every = 0;  ///< 0: no traffic is counted
  DispatchMode dispatch_mode = DispatchMode::normal;
  NumberFormat dispatch_format = NumberFormat::fp8;
  NumberFormat weight_format = NumberFormat::fp8;  ///< of the expert weights that a new placement moves
};
const Spec<RoutingRecord>& spec_of(const RoutingRecord*);

/// Gate, balancing and placement of a model's MoE layers through many steps.
struct RoutingScenario {
  int schema_version = 1;
  std::string kind = "routing";
  std::string model;
  RawJson cluster;
  PlacementChoice placement;
  RoutingRules routing;
  AffinitySpec affinity;
  std::optional<RecordedSource> recorded;
  RoutingBatch batch;
  RoutingRecord record;
  std::vector<PublishedFigure> published;
  std::uint64_t seed = 1;
};
const Spec<RoutingScenario>& spec_of(const RoutingScenario*);

}  // namespace moesim
