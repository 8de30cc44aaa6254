#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "sim/planner/search/objective.hpp"
#include "sim/serving/serving_run.hpp"
#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// What objectives and the front look at. Of a bound: none of a point's figures is better than its own.
struct ServingRates {
  double tokens_per_s_per_gpu = 0;   ///< output tokens, over the GPUs of all pools
  double tokens_per_s_per_user = 0;  ///< over the mean time between tokens
  double cost_usd = 0;               ///< of a million output tokens
  double energy_J = 0;               ///< of an output token
  double tpot_s = 0;                 ///< mean
};

/// What an objective makes of rates; the smaller the better.
double score(Objective objective, const ServingRates& rates);

/// The figure that an objective is about, as results name it, and its value.
std::string_view figure_name(Objective objective);
double figure_value(Objective objective, const ServingRates& rates);

/// The mean iteration of one pool.
struct PoolStep {
  std::string pool;
  PoolRole role = PoolRole::colocated;
  StepTime time;
  double busy_fraction = 0;
};

/// A deployment as it ran.
struct ServingFigures {
  ServingRates rates;
  int gpus = 0;  ///< of all pools
  std::vector<std::string> names;
  std::vector<double> values;  ///< of `names`: ttft_s.p99, slo_attainment_fraction, memory_B, ...
  std::vector<PoolStep> steps;
  std::string unsteady;  ///< why the fleet does not keep up; empty where it does

  /// Nothing where the run has no such figure.
  [[nodiscard]] std::optional<double> find(std::string_view name) const;
};

/// Output tokens that generating pools make in the measured time keep up with the prompts done (closed
/// loops), or with what arrivals ask for, down to this share.
inline constexpr double kSteadyShare = 0.95;

ServingFigures serving_figures(const ServingInputs& inputs, const ServingResult& result);

/// {name: value} of what results show.
Json figures_json(const ServingFigures& figures);

/// GPUs of all units at the start.
int gpus_of(const ServingInputs& inputs);

}  // namespace moesim
