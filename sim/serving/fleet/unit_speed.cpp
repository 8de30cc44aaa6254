#include "sim/serving/fleet/unit_speed.hpp"

#include <algorithm>

namespace moesim {
namespace {

constexpr double kSequencesOfRank = 32;
constexpr double kKvTokens = 4096;

}  // namespace

StepBatch full_prompt_batch(const FleetPool& pool) {
  const double ranks = pool.unit.layout.attention_ranks();
  const auto budget = static_cast<double>(pool.unit.batching.token_budget);
  StepBatch batch;
  batch.query_tokens = pool.unit.speculation.drafts + 1;
  batch.prompts = batch.finished_prompts = ranks;
  batch.prompt_tokens = ranks * budget;
  batch.prompt_tokens_max = budget;
  batch.prompt_pairs_max = budget * budget / 2;
  batch.prompt_pairs = ranks * batch.prompt_pairs_max;
  return batch;
}

StepBatch decode_batch(const FleetPool& pool, double sequences, double kv_tokens) {
  const double ranks = pool.unit.layout.attention_ranks();
  StepBatch batch;
  batch.query_tokens = pool.unit.speculation.drafts + 1;
  batch.sequences = sequences;
  batch.sequences_max = sequences / ranks;
  batch.kv_tokens = sequences * kv_tokens;
  batch.kv_tokens_max = batch.kv_tokens / ranks;
  return batch;
}

double mean_step_s(const FleetPool& pool, const StepBatch& batch) {
  const ExpertState experts = pool.unit.experts ? pool.unit.experts->mean(batch.tokens()) : ExpertState{};
  return pool.unit.costs->step(batch, experts).total();
}

UnitSpeed unit_speed(const FleetPool& pool) {
  UnitSpeed speed;
  if (pool.spec.role != PoolRole::decode) {
    const StepBatch batch = full_prompt_batch(pool);
    // The same chunks behind two budgets of tokens tell attention from the rest.
    StepBatch behind = batch;
    const double past = 2 * batch.prompt_tokens_max;
    behind.past_tokens = batch.prompts * past;
    behind.prompt_pairs += batch.prompt_tokens * past;
    behind.prompt_pairs_max += batch.prompt_tokens_max * past;
    const double alone_s = mean_step_s(pool, batch);
    const double slope = (mean_step_s(pool, behind) - alone_s) / (behind.prompt_pairs - batch.prompt_pairs);
    speed.prompt_s_per_pair = std::clamp(slope, 0.0, alone_s / batch.prompt_pairs);
    speed.prompt_s_per_token = (alone_s - speed.prompt_s_per_pair * batch.prompt_pairs) / batch.prompt_tokens;
  }
  if (pool.spec.role != PoolRole::prefill) {
    const auto most = static_cast<double>(pool.unit.batching.max_batch);
    const double sequences = std::min(kSequencesOfRank, most) * pool.unit.layout.attention_ranks();
    speed.decode_s_per_sequence = mean_step_s(pool, decode_batch(pool, sequences, kKvTokens)) / sequences;
  }
  return speed;
}

}  // namespace moesim
