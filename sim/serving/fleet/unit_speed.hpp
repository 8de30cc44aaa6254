#pragma once

#include <cstdint>

#include "sim/serving/fleet/fleet_scenario.hpp"

namespace moesim {

/// How fast the units of a pool are, to compare loads of unlike units in seconds.
struct UnitSpeed {
  /// Of the unit, where iterations have full token budgets: linear in new tokens...
  double prompt_s_per_token = 0;
  /// ...and in pairs of a new token and one before it (attention).
  double prompt_s_per_pair = 0;
  /// An iteration of 32 sequences a rank at 4,096 tokens over its sequences.
  double decode_s_per_sequence = 0;

  /// Share of the unit's time that a prompt of `fresh` tokens behind `cached` ones takes.
  [[nodiscard]] double prompt_s(std::int64_t fresh, std::int64_t cached) const {
    const auto s = static_cast<double>(fresh);
    return s * (prompt_s_per_token + prompt_s_per_pair * (static_cast<double>(cached) + s / 2));
  }
};

UnitSpeed unit_speed(const FleetPool& pool);

/// One iteration of full token budgets on every rank; prompts of the budget's length without a past.
StepBatch full_prompt_batch(const FleetPool& pool);

/// One decode iteration of `sequences` over the unit with `kv_tokens` each, ranks alike.
StepBatch decode_batch(const FleetPool& pool, double sequences, double kv_tokens);

/// Its seconds with the mean expert load.
double mean_step_s(const FleetPool& pool, const StepBatch& batch);

}  // namespace moesim
