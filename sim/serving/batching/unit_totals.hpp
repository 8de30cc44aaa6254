#pragma once

#include <cstdint>

#include "sim/serving/batching/log_histogram.hpp"
#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// Sums over the iterations of a unit, or of many units.
struct UnitTotals {
  std::int64_t iterations = 0;
  std::int64_t decode_iterations = 0;   ///< with at least one decoding sequence
  std::int64_t prefill_iterations = 0;  ///< with prompts: those of prefill_step
  double busy_s = 0;                    ///< iterations; pauses and idle time are not in it
  double paused_s = 0;
  StepTime step;                 ///< sum over iterations
  StepTime decode_step;          ///< sum over iterations without prompts
  StepTime prefill_step;         ///< sum over iterations with prompts
  double output_tokens = 0;      ///< the first ones, which prompts yield, included
  double input_tokens = 0;       ///< prompts done, cached tokens included
  double computed_tokens = 0;    ///< of prompts
  double recomputed_tokens = 0;  ///< of those, computed again after a preemption
  double sequence_seconds = 0;   ///< decoding sequences over time
  double kv_token_seconds = 0;   ///< KV tokens of those over time
  double kv_used_seconds = 0;    ///< used share of blocks over time
  double kv_used_max = 0;
  double waiting_seconds = 0;  ///< from submission to the start, of requests that started
  std::int64_t started = 0;
  double attention_max_over_mean_weighted = 0;  ///< weighted by decode iterations
  double accepted_tokens = 0;                   ///< of decode iterations
  double sequence_iterations = 0;               ///< decode iterations of single sequences
  double plain_sequence_iterations = 0;         ///< of those, without prompts
  double plain_sequence_seconds = 0;            ///< time of those, summed over sequences
  std::int64_t completed = 0;                   ///< in a prefill unit: prompts done
  std::int64_t rejected = 0;
  std::int64_t preemptions = 0;
  double swapped_bytes = 0;  ///< out and in
  /// By output token but the first. Tokens of one iteration share its time evenly.
  LogHistogram inter_token_s;

  void add(const UnitTotals& other);
};

/// sum += weight * term, field by field.
void add_scaled(StepTime& sum, const StepTime& term, double weight);

}  // namespace moesim
