#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/spec.hpp"
#include "sim/plan/published_figure.hpp"
#include "sim/plan/scenario.hpp"
#include "workloads/training_recipe.hpp"

namespace moesim {

enum class RoutingMode : std::uint8_t { balanced, stated };

template <>
struct EnumNames<RoutingMode> {
  static constexpr std::array<std::pair<RoutingMode, std::string_view>, 2> table{
      {{RoutingMode::balanced, "balanced"}, {RoutingMode::stated, "stated"}}};
};

/// How tokens spread over experts.
struct RoutingChoice {
  RoutingMode mode = RoutingMode::balanced;
  double rank_max_over_mean = 1;              ///< expert tokens of the fullest rank: computation and NVLink
  double rank_max_over_mean_uncertainty = 0;  ///< plus or minus, for intervals of results
  std::optional<double>
      node_max_over_mean;  ///< of the fullest node: NICs; derived from the rank's when absent
  std::string source;      ///< where the stated values come from
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
