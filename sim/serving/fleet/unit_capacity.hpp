#pragma once

#include "sim/serving/fleet/demand.hpp"
#include "sim/serving/fleet/fleet_scenario.hpp"

namespace moesim {

/// What one unit carries of a demand, and how it is then.
struct UnitCapacity {
  double requests_per_s = 0;
  double streams = 0;  ///< sequences that decode
  double step_s = 0;   ///< of a decode iteration; prefill: of full token budgets
  bool holds = true;   ///< what was asked for; false: not even a single stream does
};

/// A prefill unit with its token budgets full: prompts of the demand's mean, past and pairs.
UnitCapacity prompt_capacity(const FleetPool& pool, const Demand& demand);

/// Streams of the demand that a decode or colocated unit has places and KV blocks for.
double room_for_streams(const FleetPool& pool, const Demand& demand);

/// A decode or colocated unit with as many streams as hold `tokens_per_s` a user (0: as many as it has room
/// for), by Little's law: requests_per_s = streams * accepted / (output * step), less the share of time that
/// prompts take in a colocated unit. `step_factor` multiplies the predicted step.
UnitCapacity stream_capacity(const FleetPool& pool, const Demand& demand, double tokens_per_s,
                             double step_factor);

/// Streams of a unit to which `requests_per_s` come: Little's law with the step that they themselves cause;
/// at most what it has room for.
double streams_at(const FleetPool& pool, const Demand& demand, double requests_per_s, double step_factor);

/// Mean time to the first token of a prefill unit to which `requests_per_s` come: the overhead, half an
/// iteration until the prompt joins one, its own iterations, and the wait of an M/D/1 queue with the time of
/// one prompt at full budgets. An iteration holds what came during the one before; its fullest rank at least
/// one mean prompt. Infinity at and above capacity.
double predicted_ttft_s(const FleetPool& pool, const Demand& demand, double requests_per_s);

/// Mean tokens of a decode iteration for each sequence.
double tokens_per_step(const FleetPool& pool);

}  // namespace moesim
