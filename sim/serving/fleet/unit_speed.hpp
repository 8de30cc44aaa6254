#pragma once

#include "sim/serving/fleet/fleet_scenario.hpp"

namespace moesim {

/// How fast the units of a pool are, to compare loads of unlike units in seconds.
struct UnitSpeed {
  double prompt_s_per_token = 0;  ///< an iteration of full token budgets over its tokens
  double decode_s_per_sequence =
      0;  ///< an iteration of 32 sequences a rank at 4,096 tokens over its sequences
};

UnitSpeed unit_speed(const FleetPool& pool);

/// One iteration of full token budgets on every rank; prompts of the budget's length without a past.
StepBatch full_prompt_batch(const FleetPool& pool);

/// One decode iteration of `sequences` over the unit with `kv_tokens` each, ranks alike.
StepBatch decode_batch(const FleetPool& pool, double sequences, double kv_tokens);

/// Its seconds with the mean expert load.
double mean_step_s(const FleetPool& pool, const StepBatch& batch);

}  // namespace moesim
