#pragma once

#include <optional>

#include "sim/planner/search/serving_figures.hpp"
#include "sim/serving/fleet/demand.hpp"
#include "sim/serving/serving_inputs.hpp"

namespace moesim {

/// What the requests of a workload ask for, which bounds are worked out from.
struct ServingDemand {
  Demand requests;            ///< of the first ones
  bool unknown_hits = false;  ///< prefix caches find what only a run tells
  std::optional<double>
      tokens_per_s;  ///< output tokens that are asked for at most; none: a closed loop, a trace
};
ServingDemand serving_demand(const ServingInputs& inputs);

/// What constraints say about every point that holds them.
struct BoundLimits {
  std::optional<double> ttft_s;  ///< mean time to the first token at most
  std::optional<double> tpot_s;  ///< mean time of a token at most
};

/// Beyond what a bound works out: steps by tables (1 %), accepted lengths and KV lengths that are drawn, the
/// part of an iteration at either end of the measured time. Tests hold bounds to runs.
inline constexpr double kBoundMargin = 0.03;

/// Rates that no run of the fleet exceeds while it holds `limits`:
/// - generating pools: streams x accepted / step with the mean expert load and even attention ranks, at the
///   best number of streams that there are places for, and that `tpot_s` allows; prompts that share a
///   colocated unit take the time of full token budgets;
/// - prompts of prefill pools at the best fill of their budgets, over the share that steady runs keep;
/// - a closed loop that holds `ttft_s` has all but throughput x ttft_s of its requests among the streams
///   (Little's law), which bounds the tokens of a user; KV transfers are given one second and four transfers.
/// Cost and energy are those of idle nodes over the tokens.
ServingRates serving_bound(const ServingInputs& inputs, const ServingDemand& demand,
                           const BoundLimits& limits);

/// Whether each pool that generates has KV cache for max_batch sequences of the mean length on every rank:
/// what a saturated workload asks for.
bool cache_fits(const ServingInputs& inputs, const ServingDemand& demand);

/// Share of what prefill pools can do that `tokens_per_s` output tokens need; 0 without such pools.
double prompt_use(const ServingInputs& inputs, const ServingDemand& demand, double tokens_per_s);

}  // namespace moesim
