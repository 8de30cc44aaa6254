#include "sim/serving/mean_step.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

PoolInputs pool(PoolRole role, int gpus, int tp) {
  PoolInputs inputs;
  inputs.spec.role = role;
  inputs.spec.layout = {gpus, tp, 1, 0};
  return inputs;
}

TEST(MeanStep, PartsAddUpToTheStep) {
  StepTime step;
  double sum = 0;
  double value = 1;
  for (const StepPart& part : kStepParts) sum += step.*part.seconds = value++;
  EXPECT_DOUBLE_EQ(step.total(), sum);
}

// 10 iterations of 0.5 s, 3 of them with prompts; 7 without took 2.1 s, with 8 sequences of 1,000 tokens.
TEST(MeanStep, OfGenerationLeavesPromptsOut) {
  UnitTotals totals;
  totals.iterations = 10;
  totals.prefill_iterations = 3;
  totals.decode_iterations = 7;
  totals.decode_step.attention = 1.4;
  totals.decode_step.framework = 0.7;
  totals.prefill_step.attention = 100;
  totals.sequence_iterations = 56;
  totals.sequence_seconds = 20;
  totals.kv_token_seconds = 20000;
  const MeanStep step = mean_step(totals, pool(PoolRole::colocated, 8, 2));
  EXPECT_DOUBLE_EQ(step.iterations, 7);
  EXPECT_DOUBLE_EQ(step.time.attention, 0.2);
  EXPECT_DOUBLE_EQ(step.time.total(), 0.3);
  EXPECT_DOUBLE_EQ(step.batch.sequences, 8);
  EXPECT_DOUBLE_EQ(step.batch.sequences_max, 2);
  EXPECT_DOUBLE_EQ(step.batch.kv_tokens, 8000);
}

// Of 10 iterations 3 have prompts, 2 of those something to decode: 2 of 9 that decode.
TEST(MeanStep, OfIterationsWithPromptsHasBoth) {
  UnitTotals totals;
  totals.iterations = 10;
  totals.prefill_iterations = 3;
  totals.decode_iterations = 9;
  totals.decode_step.attention = 1.4;
  totals.prefill_step.attention = 0.9;
  totals.computed_tokens = 3000;
  totals.input_tokens = 3000;
  totals.started = 3;
  totals.sequence_iterations = 72;
  totals.sequence_seconds = 20;
  totals.kv_token_seconds = 20000;
  const MeanStep step = mixed_step(totals, pool(PoolRole::colocated, 8, 2));
  EXPECT_DOUBLE_EQ(step.iterations, 3);
  EXPECT_DOUBLE_EQ(step.time.attention, 0.3);
  EXPECT_DOUBLE_EQ(step.batch.prompt_tokens, 1000);
  EXPECT_DOUBLE_EQ(step.batch.sequences, 8 * 2.0 / 3);
  EXPECT_DOUBLE_EQ(mixed_share(totals), 2.0 / 9);
  EXPECT_EQ(mixed_step(totals, pool(PoolRole::decode, 8, 2)).iterations, 0);
}

TEST(MeanStep, LeavesOutWhatDifferencesLeave) {
  UnitTotals totals;
  totals.iterations = totals.decode_iterations = 1;
  totals.decode_step.attention = 1;
  totals.decode_step.expert_imbalance = 3e-19;
  EXPECT_EQ(mean_step(totals, pool(PoolRole::decode, 8, 1)).time.expert_imbalance, 0);
}

// Two prompts of 1,000 new tokens on 500 cached ones an iteration: 2 x (1000 x 500 + 1000^2 / 2) pairs.
TEST(MeanStep, OfAPrefillPoolHasItsPrompts) {
  UnitTotals totals;
  totals.iterations = totals.prefill_iterations = 5;
  totals.prefill_step.experts = 1;
  totals.computed_tokens = 10000;
  totals.input_tokens = 15000;
  totals.started = 10;
  const MeanStep step = mean_step(totals, pool(PoolRole::prefill, 4, 1));
  EXPECT_DOUBLE_EQ(step.time.experts, 0.2);
  EXPECT_DOUBLE_EQ(step.batch.prompts, 2);
  EXPECT_DOUBLE_EQ(step.batch.prompt_tokens, 2000);
  EXPECT_DOUBLE_EQ(step.batch.prompt_tokens_max, 500);
  EXPECT_DOUBLE_EQ(step.batch.past_tokens, 1000);
  EXPECT_DOUBLE_EQ(step.batch.prompt_pairs, 2 * (1000.0 * 500 + 500000));
}

TEST(MeanStep, OfAnIdlePoolIsNothing) {
  EXPECT_EQ(mean_step({}, pool(PoolRole::decode, 8, 1)).iterations, 0);
}

}  // namespace
}  // namespace moesim
