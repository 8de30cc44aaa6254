#pragma once

#include <cstdint>

#include "sim/serving/batching/log_histogram.hpp"
#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// Sums over the iterations of a unit, or of many units.
struct UnitTotals {
  std::int64_t iterations = 0;
  std::int64_t decode_iterations = 0;  ///< with at least one decoding sequence
  double busy_s = 0;
  StepTime step;          ///< sum over iterations
  StepTime decode_step;   ///< sum over iterations without prompts
  StepTime prefill_step;  ///< sum over iterations with prompts
  double output_tokens = 0;
  double input_tokens = 0;  ///< prompts done, cached tokens included
  double computed_tokens = 0;
  double sequence_seconds = 0;  ///< decoding sequences over time
  double kv_token_seconds = 0;
  double kv_used_seconds = 0;  ///< used share of blocks over time
  double kv_used_max = 0;
  double waiting_seconds = 0;
  double attention_max_over_mean_weighted = 0;  ///< weighted by decode iterations
  double accepted_tokens = 0;                   ///< by decode iterations of single sequences
  double sequence_iterations = 0;
  std::int64_t preemptions = 0;
  LogHistogram inter_token_s;  ///< by output token

  void add(const UnitTotals& other);
};

}  // namespace moesim
