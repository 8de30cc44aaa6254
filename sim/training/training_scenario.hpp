#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/spec.hpp"
#include "sim/plan/published_figure.hpp"
#include "sim/plan/scenario.hpp"
#include "sim/routing/balancing.hpp"
#include "workloads/affinity/affinity_spec.hpp"
#include "workloads/recorded_routing/recorded_source.hpp"
#include "workloads/training_recipe.hpp"

namespace moesim {

enum class RoutingMode : std::uint8_t { balanced, stated, simulated, recorded };

template <>
struct EnumNames<RoutingMode> {
  static constexpr std::array<std::pair<RoutingMode, std::string_view>, 4> table{
      {{RoutingMode::balanced, "balanced"},
       {RoutingMode::stated, "stated"},
       {RoutingMode::simulated, "simulated"},
       {RoutingMode::recorded, "recorded"}}};
};

/// How tokens spread over experts.
struct RoutingChoice {
  RoutingMode mode = RoutingMode::balanced;
  double rank_max_over_mean = 1;              ///< expert tokens of the fullest rank: computation and NVLink
  double rank_max_over_mean_uncertainty = 0;  ///< plus or minus, for intervals of results
  std::optional<double>
      node_max_over_mean;                ///< of the fullest node: NICs; derived from the rank's when absent
  std::string source;                    ///< where the stated values come from
  std::optional<AffinitySpec> affinity;  ///< simulated: logits of tokens
  std::optional<Balancing> balancing;    ///< simulated; settled when absent
  std::optional<int> layers;         ///< simulated, the model's take them in turn; as SimulatedRouting has it
  std::optional<int> micro_batches;  ///< simulated, or recorded at most; as SimulatedRouting has it
  std::optional<RecordedSource> recorded;
};
const Spec<RoutingChoice>& spec_of(const RoutingChoice*);

/// How collectives get their time.
enum class NetworkMode : std::uint8_t { formula };

template <>
struct EnumNames<NetworkMode> {
  static constexpr std::array<std::pair<NetworkMode, std::string_view>, 1> table{
      {{NetworkMode::formula, "formula"}}};
};

struct NetworkChoice {
  NetworkMode mode = NetworkMode::formula;
};
const Spec<NetworkChoice>& spec_of(const NetworkChoice*);

/// Which GPUs are simulated.
enum class GpuDetail : std::uint8_t {
  representative,  ///< one per pipeline rank, as slow as the slowest of those that wait for each other
  every,           ///< all of them, each with its own speed and jitter
};

template <>
struct EnumNames<GpuDetail> {
  static constexpr std::array<std::pair<GpuDetail, std::string_view>, 2> table{
      {{GpuDetail::representative, "representative"}, {GpuDetail::every, "every"}}};
};

/// One optimizer step of pre-training on a cluster.
struct TrainingScenario : ScenarioHeader {
  TrainingRecipe recipe;
  RoutingChoice routing;
  NetworkChoice network;
  GpuDetail gpus = GpuDetail::representative;
  std::vector<PublishedFigure> published;
};
const Spec<TrainingScenario>& spec_of(const TrainingScenario*);

}  // namespace moesim
