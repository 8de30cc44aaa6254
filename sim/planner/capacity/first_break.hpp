#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/planner/capacity/fleet_trial.hpp"

namespace moesim {

/// How near a pool is to what it has.
struct PoolPressure {
  double busy_fraction = 0;     ///< of the units' time
  double kv_used_fraction = 0;  ///< the most of a unit's KV blocks at one time
  double batch_fraction = 0;    ///< mean sequences that decode, of the places
  double wait_mean_s = 0;       ///< of prompts, from the unit's queue to its first iteration
  double prompt_step_s = 0;     ///< mean iteration with prompts
  double decode_step_s = 0;     ///< mean iteration without
};
PoolPressure pressure_of(const ServingInputs& inputs, const FleetTrial& trial, std::size_t pool);

/// What gives way first.
struct FirstBreak {
  std::size_t target = 0;  ///< index into the SLO: the failing one that is furthest from its limit
  std::string pool;        ///< where that time is spent
  std::string resource;    ///< "KV memory", "batch limit", "prompt queue", "prompt computation",
                           ///< "prompts between tokens", "step time"
  PoolPressure pressure;
};

/// Of a trial that does not hold. The first token is computed by prefill or colocated pools, later ones by
/// decode or colocated ones; of several, and of the whole time, the pool that is busiest. The resource is,
/// in this order: KV memory where at least 97 % of a unit's blocks were taken; the batch limit where 90 % of
/// the places are taken on average; for the first token the queue where prompts wait longer than an iteration
/// with prompts takes, else their computation; for later tokens of colocated units the prompts between them
/// where those take more than half of the time; else the time of iterations.
FirstBreak first_break(const ServingInputs& inputs, const std::vector<SloTarget>& slo,
                       const FleetTrial& trial);

}  // namespace moesim
