#include "sim/serving/batching/unit_totals.hpp"

#include <algorithm>

namespace moesim {

void add_scaled(StepTime& sum, const StepTime& term, double weight) {
  sum.attention += weight * term.attention;
  sum.attention_imbalance += weight * term.attention_imbalance;
  sum.dense += weight * term.dense;
  sum.experts += weight * term.experts;
  sum.expert_imbalance += weight * term.expert_imbalance;
  sum.communication += weight * term.communication;
  sum.drafts += weight * term.drafts;
  sum.framework += weight * term.framework;
  sum.sm_busy += weight * term.sm_busy;
  sum.hbm_bytes += weight * term.hbm_bytes;
}

void UnitTotals::add(const UnitTotals& other) {
  iterations += other.iterations;
  decode_iterations += other.decode_iterations;
  prefill_iterations += other.prefill_iterations;
  busy_s += other.busy_s;
  paused_s += other.paused_s;
  add_scaled(step, other.step, 1);
  add_scaled(decode_step, other.decode_step, 1);
  add_scaled(prefill_step, other.prefill_step, 1);
  output_tokens += other.output_tokens;
  input_tokens += other.input_tokens;
  computed_tokens += other.computed_tokens;
  recomputed_tokens += other.recomputed_tokens;
  sequence_seconds += other.sequence_seconds;
  kv_token_seconds += other.kv_token_seconds;
  kv_used_seconds += other.kv_used_seconds;
  kv_used_max = std::max(kv_used_max, other.kv_used_max);
  waiting_seconds += other.waiting_seconds;
  started += other.started;
  attention_max_over_mean_weighted += other.attention_max_over_mean_weighted;
  accepted_tokens += other.accepted_tokens;
  sequence_iterations += other.sequence_iterations;
  plain_sequence_iterations += other.plain_sequence_iterations;
  plain_sequence_seconds += other.plain_sequence_seconds;
  completed += other.completed;
  rejected += other.rejected;
  preemptions += other.preemptions;
  swapped_bytes += other.swapped_bytes;
  inter_token_s.add(other.inter_token_s);
}

}  // namespace moesim
