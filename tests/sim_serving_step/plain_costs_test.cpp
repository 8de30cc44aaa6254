// Iterations that run one batch after the other: what must hold whatever the tables say.
#include <algorithm>
#include <cctype>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/serving/step/plain_costs.hpp"
#include "tests/sim_serving_step/unit_fixture.hpp"

namespace moesim {
namespace {

using test::Unit;

struct Shape {
  std::string model;
  UnitLayout layout;
  std::string profile;
  NumberFormat precision;
};

class Step : public testing::TestWithParam<Shape> {
 protected:
  Unit unit{GetParam().model, GetParam().layout, GetParam().profile};
  void SetUp() override { unit.pool.precision = GetParam().precision; }
};

INSTANTIATE_TEST_SUITE_P(Units, Step,
                         testing::Values(Shape{"deepseek-r1", {8, 8, 1, 0}, "h200-sxm", NumberFormat::fp8},
                                         Shape{"deepseek-r1", {8, 1, 8, 0}, "gb200", NumberFormat::fp8},
                                         Shape{"kimi-k2", {8, 8, 1, 0}, "b200-sxm", NumberFormat::fp8},
                                         Shape{"deepseek-v2", {8, 8, 1, 0}, "h100-sxm", NumberFormat::bf16},
                                         Shape{"llama-3.1-70b", {4, 4, 1, 0}, "h100-sxm", NumberFormat::bf16},
                                         Shape{
                                             "qwen3-235b-a22b", {8, 8, 8, 0}, "b200-sxm", NumberFormat::fp8},
                                         Shape{"mixtral-8x7b", {2, 2, 1, 0}, "h200-sxm", NumberFormat::bf16}),
                         [](const auto& info) {
                           std::string name = info.param.model + "_tp" + std::to_string(info.param.layout.tp);
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST_P(Step, IsTheSumOfItsParts) {
  const StepTime t = unit.time(unit.decode(64, 2000));
  EXPECT_GT(t.attention, 0);
  EXPECT_GT(t.communication, 0);
  EXPECT_EQ(t.experts > 0, unit.model.num_experts > 0);
  EXPECT_DOUBLE_EQ(t.total(), t.attention + t.attention_imbalance + t.dense + t.experts + t.expert_imbalance +
                                  t.communication + t.drafts + t.framework);
}

// A measured curve has teeth: a larger batch may be a little quicker, never by more than a tenth.
TEST_P(Step, GrowsWithTheBatch) {
  double before = 0;
  for (const double sequences : {8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0}) {
    const double now = unit.time(unit.decode(sequences, 2000)).total();
    EXPECT_GT(now, 0.9 * before) << sequences;
    before = std::max(before, now);
  }
  EXPECT_GT(before, 1.2 * unit.time(unit.decode(8, 2000)).total());
}

TEST_P(Step, GrowsWithTheCache) {
  double before = 0;
  for (const double kv : {500.0, 2000.0, 8000.0, 32000.0, 64000.0}) {
    const double now = unit.time(unit.decode(64, kv)).total();
    EXPECT_GT(now, 0.99 * before) << kv;
    before = now;
  }
  EXPECT_GT(before, 1.2 * unit.time(unit.decode(64, 500)).total());
}

TEST_P(Step, GrowsWithPromptsAndTheirLength) {
  double before = 0;
  for (const double length : {256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0}) {
    const double now = unit.time(unit.prompts(8, length)).total();
    EXPECT_GT(now, before) << length;
    before = now;
  }
}

TEST_P(Step, OfTheSameNewTokensOnALongerPrefixCostsMore) {
  double before = 0;
  for (const double past : {0.0, 2048.0, 8192.0, 32768.0, 65536.0}) {
    const double now = unit.time(unit.prompts(8, 512, past)).total();
    EXPECT_GT(now, 0.99 * before) << past;
    before = now;
  }
  EXPECT_GT(before, 1.1 * unit.time(unit.prompts(8, 512, 0)).total());
}

// Kernels that compute take twice as long; collectives and the host do not.
TEST_P(Step, FollowsTheSlowdownOfKernels) {
  const StepBatch batch = unit.decode(64, 2000);
  const StepTime once = unit.time(batch);
  unit.pool.kernel_slowdown = 2;
  const StepTime twice = unit.time(batch);
  EXPECT_NEAR(twice.attention, 2 * once.attention, 1e-9);
  EXPECT_NEAR(twice.dense, 2 * once.dense, 1e-9);
  EXPECT_NEAR(twice.experts, 2 * once.experts, 1e-9);
  EXPECT_DOUBLE_EQ(twice.communication, once.communication);
  EXPECT_DOUBLE_EQ(twice.framework, once.framework);
}

// Every weight of a GPU is read in each decoding iteration, and no more than the HBM gives.
TEST_P(Step, IsNeverBelowItsBusiestResource) {
  for (const StepBatch& batch : {unit.decode(8, 1000), unit.decode(256, 4000), unit.prompts(8, 2048)}) {
    const StepTime t = unit.time(batch);
    EXPECT_GT(t.total(), t.hbm_bytes / unit.profile.gpu().hbm_bandwidth.value());
    EXPECT_GE(t.total(), t.sm_busy);
    EXPECT_GT(t.hbm_bytes, 0);
  }
}

TEST_P(Step, AccountsForAllOfItsTime) {
  for (const StepBatch& batch : {unit.decode(64, 2000), unit.prompts(8, 1024)}) {
    ProvenanceAccount account;
    account_step(unit.input(), batch, unit.uniform(batch), 3, account);
    EXPECT_NEAR(account.total_seconds(), 3 * unit.time(batch).total(), 1e-9);
  }
}

TEST_P(Step, OfNothingTakesNoTime) {
  EXPECT_EQ(unit.time(StepBatch{}).total(), 0);
}

TEST(PlainCosts, MoreExpertsTouchedCostMore) {
  const Unit unit("deepseek-r1");
  const auto costs = unit.costs();
  const StepBatch batch = unit.decode(16, 2000);
  EXPECT_GT(costs->exact(batch, {1, 1, 102, 4}).experts, 1.4 * costs->exact(batch, {1, 1, 52, 4}).experts);
}

TEST(PlainCosts, ImbalanceOfRanksAndExpertsIsShownApart) {
  const Unit unit("deepseek-r1", {8, 1, 8, 0}, "gb200");
  StepBatch batch = unit.decode(512, 2000);
  const auto costs = unit.costs();
  const StepTime even = costs->exact(batch, {1, 1, 32, 1});
  EXPECT_NEAR(even.attention_imbalance, 0, 1e-12);
  EXPECT_EQ(even.expert_imbalance, 0);
  batch.sequences_max *= 1.3;
  batch.kv_tokens_max *= 1.3;
  const StepTime uneven = costs->exact(batch, {1.4, 1, 32, 3});
  EXPECT_GT(uneven.attention_imbalance, 0);
  EXPECT_GT(uneven.expert_imbalance, 0);
  EXPECT_DOUBLE_EQ(uneven.attention, even.attention);
  EXPECT_DOUBLE_EQ(uneven.experts, even.experts);
}

// 8 GB200, DP8 EP8, FP4: a balance of tokens over ranks (mean over fullest) of 0.84 instead of 0.54 is worth
// 33,499 / 25,664 tokens/s, 0.88 34,140 / 25,664 (TensorRT-LLM tech blog 10). Batch and share of prompts are
// not published: 512 sequences a rank that decode, at the mean cache of its requests, 803 + 3653 / 2.
TEST(PlainCosts, BalanceOfAttentionRanksIsWorthWhatIsPublished) {
  Unit unit("deepseek-r1", {8, 1, 8, 0}, "gb200", "tensorrt-llm");
  unit.pool.precision = NumberFormat::nvfp4;
  const auto costs = unit.costs();
  const auto seconds = [&](double balance) {
    StepBatch batch = unit.decode(8 * 512, 2630);
    batch.sequences_max /= balance;
    batch.kv_tokens_max /= balance;
    return costs->exact(batch, unit.uniform(batch)).total();
  };
  EXPECT_NEAR(seconds(0.54) / seconds(0.84), 33499.0 / 25664, 0.1 * 33499 / 25664);
  EXPECT_NEAR(seconds(0.54) / seconds(0.88), 34140.0 / 25664, 0.1 * 34140 / 25664);
}

// Weights of a draft's layer are read once for each draft, and verification has more tokens.
TEST(PlainCosts, EachDraftCostsMore) {
  Unit unit("deepseek-r1");
  double before = unit.time(unit.decode(1, 1500)).total();
  for (unit.pool.speculation.drafts = 1; unit.pool.speculation.drafts <= 4; ++unit.pool.speculation.drafts) {
    const StepTime t = unit.time(unit.decode(1, 1500));
    EXPECT_GT(t.drafts, 0);
    EXPECT_GT(t.total(), before);
    before = t.total();
  }
}

TEST(PlainCosts, RefusesWhatItDoesNotModel) {
  Unit drafting("llama-3.1-70b");
  drafting.pool.speculation.drafts = 1;
  EXPECT_THROW(drafting.costs(), PlanError);
  Unit wide("deepseek-r1", {16, 1, 16, 0});
  EXPECT_THROW(wide.costs(), PlanError);
  Unit odd("llama-3.1-70b", {3, 3, 1, 0});
  EXPECT_THROW(odd.costs(), PlanError);
  Unit training("deepseek-r1");
  training.stack.serving.reset();
  EXPECT_THROW(training.costs(), PlanError);
}

}  // namespace
}  // namespace moesim
