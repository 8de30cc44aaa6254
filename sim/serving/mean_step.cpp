#include "sim/serving/mean_step.hpp"

#include <algorithm>
#include <cmath>

namespace moesim {
namespace {

double ratio(double a, double b) {
  return b > 0 ? a / b : 0;
}

StepTime divided(const StepTime& sum, double iterations) {
  StepTime mean;
  constexpr double kNothing = 1e-12;  // what differences of sums leave
  for (const StepPart& part : kStepParts) {
    const double seconds = ratio(sum.*part.seconds, iterations);
    mean.*part.seconds = std::abs(seconds) < kNothing ? 0 : seconds;
  }
  mean.sm_busy = ratio(sum.sm_busy, iterations);
  mean.hbm_bytes = ratio(sum.hbm_bytes, iterations);
  return mean;
}

StepBatch decode_batch(const UnitTotals& totals, const PoolInputs& pool) {
  const double ranks = pool.spec.layout.attention_ranks();
  StepBatch batch;
  batch.sequences = ratio(totals.sequence_iterations, static_cast<double>(totals.decode_iterations));
  batch.sequences_max = batch.sequences / ranks;
  batch.kv_tokens = batch.sequences * ratio(totals.kv_token_seconds, totals.sequence_seconds);
  const double over_mean =
      ratio(totals.attention_max_over_mean_weighted, static_cast<double>(totals.decode_iterations));
  batch.kv_tokens_max = batch.kv_tokens / ranks * std::max(1.0, over_mean);
  batch.query_tokens = 1 + pool.spec.speculation.drafts;
  return batch;
}

StepBatch prefill_batch(const UnitTotals& totals, const PoolInputs& pool, double iterations) {
  const double ranks = pool.spec.layout.attention_ranks();
  StepBatch batch;
  batch.prompt_tokens = ratio(totals.computed_tokens, iterations);
  batch.prompt_tokens_max = batch.prompt_tokens / ranks;
  batch.prompts = ratio(static_cast<double>(totals.started), iterations);
  batch.finished_prompts = batch.prompts;
  const double cached = std::max(0.0, totals.input_tokens - totals.computed_tokens);
  batch.past_tokens = ratio(cached, iterations);
  const double chunks = std::max(batch.prompts, 1.0);
  const double length = batch.prompt_tokens / chunks;
  batch.prompt_pairs = length * batch.past_tokens + chunks * length * length / 2;
  batch.prompt_pairs_max = batch.prompt_pairs / ranks;
  return batch;
}

}  // namespace

MeanStep mean_step(const UnitTotals& totals, const PoolInputs& pool) {
  MeanStep step;
  if (ServingInputs::generates(pool)) {
    step.iterations = static_cast<double>(totals.iterations - totals.prefill_iterations);
    step.time = divided(totals.decode_step, step.iterations);
    step.batch = decode_batch(totals, pool);
  } else {
    step.iterations = static_cast<double>(totals.prefill_iterations);
    step.time = divided(totals.prefill_step, step.iterations);
    step.batch = prefill_batch(totals, pool, step.iterations);
  }
  if (pool.experts) step.experts = pool.experts->mean(step.batch.tokens());
  return step;
}

double mixed_share(const UnitTotals& totals) {
  const auto mixed =
      static_cast<double>(totals.decode_iterations - (totals.iterations - totals.prefill_iterations));
  return std::clamp(ratio(mixed, static_cast<double>(totals.decode_iterations)), 0.0, 1.0);
}

MeanStep mixed_step(const UnitTotals& totals, const PoolInputs& pool) {
  MeanStep step;
  if (pool.spec.role != PoolRole::colocated || totals.prefill_iterations == 0) return step;
  step.iterations = static_cast<double>(totals.prefill_iterations);
  step.time = divided(totals.prefill_step, step.iterations);
  step.batch = prefill_batch(totals, pool, step.iterations);
  const StepBatch decode = decode_batch(totals, pool);
  // Some iterations with prompts have nothing to decode.
  const double decoding =
      mixed_share(totals) * static_cast<double>(totals.decode_iterations) / step.iterations;
  step.batch.sequences = decode.sequences * decoding;
  step.batch.sequences_max = decode.sequences_max * decoding;
  step.batch.kv_tokens = decode.kv_tokens * decoding;
  step.batch.kv_tokens_max = decode.kv_tokens_max * decoding;
  step.batch.query_tokens = decode.query_tokens;
  if (pool.experts) step.experts = pool.experts->mean(step.batch.tokens());
  return step;
}

}  // namespace moesim
