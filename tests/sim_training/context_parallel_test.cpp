// Context parallelism: parts of a sequence, keys and values between them.
#include <gtest/gtest.h>

#include <string>

#include "sim/training/routed_loads.hpp"
#include "sim/training/split_collectives.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::Replayed;
using test::V3Step;

constexpr double kLatents = 512 + 64;  ///< of a token, shared by all heads
constexpr double kKeysAndValues = 128 * (192 + 128.0);

V3Step split(int cp) {
  V3Step step = V3Step::plain().much_memory().set("/layout/schedule", "1f1b");
  return step.set("/layout/cp", std::to_string(cp)).set("/recipe/global_batch", std::to_string(4096 / cp));
}
V3Step gathered(int cp) {
  return split(cp).set("/layout/cp_exchange", "all_gather");
}

const OperationCost cost_of(const V3Step& step, Phase phase, PassKind pass) {
  return Replayed(step.inputs()).cost(phase, pass);
}

/// A GPU has a cp-th of the tokens of each sequence, and so of the pairs of queries and keys.
TEST(ContextParallel, SplitsTheSequence) {
  const TrainingInputs inputs = split(4).inputs();
  const OperatorContext context = operator_context(inputs, routed_load(inputs, inputs.scenario.routing), 1);
  EXPECT_EQ(context.tokens, 1024);
  EXPECT_EQ(context.query_tokens, 4096);
  EXPECT_EQ(context.sequences(), 0.25);
}

/// Where queries and keys are recomputed from latents anyway, the latents go around: 576 BF16 values a token,
/// of which a GPU lacks (cp - 1) / cp. Backward gathers them again and scatters their gradients.
TEST(ContextParallel, GathersLatents) {
  for (const int cp : {2, 4}) {
    const double moved = 4096 * kLatents * 2 * (cp - 1) / cp;
    EXPECT_DOUBLE_EQ(cost_of(gathered(cp), Phase::context_forward, PassKind::forward).nvlink_B, moved);
    EXPECT_DOUBLE_EQ(cost_of(gathered(cp), Phase::context_backward, PassKind::backward).nvlink_B, moved);
  }
  const Replayed step(gathered(2).inputs());
  EXPECT_EQ(step.count(Phase::context_forward), 32 * 62);
  EXPECT_EQ(step.count(Phase::context_backward), 2 * 32 * 62);
}

/// Without that recomputation keys and values of every head go around.
TEST(ContextParallel, GathersKeysAndValues) {
  V3Step step = gathered(2).set("/layout/recompute", R"(["rms_norm"])");
  EXPECT_DOUBLE_EQ(cost_of(step, Phase::context_forward, PassKind::forward).nvlink_B,
                   2048 * kKeysAndValues * 2);
}

/// A GPU projects up the latents of all parts: kv_up has the whole sequence's rows, every other product a
/// half.
TEST(ContextParallel, ProjectsUpTheLatentsOfAll) {
  const auto rows_of = [](int cp, const std::string& name) {
    const TrainingInputs inputs = split(cp).inputs();
    const OperatorContext context = operator_context(inputs, routed_load(inputs, inputs.scenario.routing), 1);
    for (const Operator& op : layer_operators(inputs.model(), LayerKind::moe, Pass::forward, context)) {
      if (op.name == name) return op.m;
    }
    return std::int64_t{0};
  };
  EXPECT_EQ(rows_of(2, "kv_up"), rows_of(1, "kv_up"));
  EXPECT_EQ(rows_of(2, "q_up") * 2, rows_of(1, "q_up"));
}

/// A hop of 2048 tokens' latents takes 15 us; half of the attention core is longer, so nothing is exposed. At
/// 1 GB/s of NVLink the hop outlasts it: forward hop - core / 2, by as much as the link loses.
TEST(ContextParallel, ARingHidesBesideAttention) {
  EXPECT_EQ(cost_of(split(2), Phase::context_forward, PassKind::forward).nvlink_B, 0);
  const auto exposed_s = [](const char* bandwidth, double rate) {
    V3Step step = split(2).set("/cluster/nvlink/bandwidth", bandwidth);
    const OperationCost cost = cost_of(step, Phase::context_forward, PassKind::forward);
    return cost.delay_s + cost.nvlink_B / rate;
  };
  const double hop_B = 2048 * kLatents * 2;
  const double slow = exposed_s("1 GB/s", 1e9), slower = exposed_s("0.5 GB/s", 0.5e9);
  EXPECT_GT(slow, 0);
  EXPECT_NEAR(slower - slow, hop_B / 0.5e9 - hop_B / 1e9, 1e-9);
}

/// Exposed, an all-gather is never shorter than a ring.
TEST(ContextParallel, ARingIsNoSlower) {
  EXPECT_LE(split(2).seconds(), gathered(2).seconds());
}

/// Across nodes the hop over the border has one NIC to itself.
TEST(ContextParallel, AcrossNodesARingIsBoundByANic) {
  V3Step step = split(16).set("/cluster/nic/bandwidth", "0.4 GB/s");
  const OperationCost cost = cost_of(step, Phase::context_forward, PassKind::forward);
  EXPECT_GT(cost.nic_B, 0);
  EXPECT_EQ(cost.nvlink_B, 0);
}

/// A part from the front and one from the back of a sequence on each GPU.
TEST(ContextParallel, NeedsTwoPartsAGpu) {
  EXPECT_THROW(static_cast<void>(split(2).set("/recipe/sequence_length", "4098").inputs()), PlanError);
}

/// 128 K tokens: 32 times the pairs a token of 4 K, and a GPU's part of the sequence fits with cp.
TEST(LongSequences, AttentionGrowsWithLength) {
  const auto core_flops = [](const char* length) {
    const TrainingInputs inputs = split(1).set("/recipe/sequence_length", length).inputs();
    const OperatorContext context = operator_context(inputs, routed_load(inputs, inputs.scenario.routing), 1);
    double flops = 0;
    for (const Operator& op : layer_operators(inputs.model(), LayerKind::moe, Pass::forward, context)) {
      if (op.kind == OperatorKind::attention_core) flops += op.flops;
    }
    return flops;
  };
  EXPECT_DOUBLE_EQ(core_flops("131072"), 32 * 32 * core_flops("4096"));
  const double whole = split(1).set("/recipe/sequence_length", "131072").inputs().plan.memory.peak().value();
  const double part = split(8).set("/recipe/sequence_length", "131072").inputs().plan.memory.peak().value();
  EXPECT_LT(part, whole / 4);
}

}  // namespace
}  // namespace moesim
