// What recomputation adds to a step: forward work in backwards, and the transfers that go with it.
#include <gtest/gtest.h>

#include <algorithm>

#include "calib/profile/operator_time.hpp"
#include "models/operators.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::Replayed;
using test::V3Step;

/// Sixteen stages, four layers each but for the last with one and the MTP module; 32 micro-batches.
V3Step pipeline(const char* recompute) {
  return V3Step::plain().much_memory().set("/layout/schedule", "1f1b").set("/layout/recompute", recompute);
}
constexpr int kLayers = 62;
constexpr int kMoeLayers = 59;
constexpr int kMicrobatches = 32;

/// Computation of a phase in layers, on all ranks and GPUs of nominal speed.
double work_s(const TrainingInputs& inputs, Phase phase) {
  const OpGraph graph = build_step(inputs, {}).graph;
  double sum = 0;
  for (const auto& program : graph.programs) {
    for (const Operation& op : program) {
      if (op.layer >= 0 && graph.cost_of(op).phase == phase) sum += graph.cost_of(op).work_s;
    }
  }
  return sum;
}

LayerWork work_with(const char* recompute, const char* precision = "fp8") {
  return test::moe_work(pipeline(recompute).set("/recipe/precision", precision).inputs());
}

// Each backward begins with the forward of its layers once more, dispatch and combine included; the head is
// no layer.
TEST(RecomputeFull, RepeatsTheForwardOfEveryLayer) {
  const TrainingInputs inputs = pipeline(R"(["full"])").inputs();
  EXPECT_NEAR(work_s(inputs, Phase::attention_recompute), work_s(inputs, Phase::attention_forward), 1e-9);
  EXPECT_NEAR(work_s(inputs, Phase::mlp_recompute), work_s(inputs, Phase::mlp_forward), 1e-9);
  const Replayed step(inputs);
  EXPECT_EQ(step.count(Phase::attention_recompute), kLayers * kMicrobatches);
  EXPECT_EQ(step.count(Phase::dispatch_forward), 2 * kMoeLayers * kMicrobatches);
  EXPECT_EQ(step.count(Phase::combine_forward), 2 * kMoeLayers * kMicrobatches);
  EXPECT_EQ(step.count(Phase::dispatch_backward), kMoeLayers * kMicrobatches);
}

// On one stage, without transfers, computations follow each other: the step is longer by the forwards.
TEST(RecomputeFull, CostsAForward) {
  const auto one_stage = [](const char* recompute) {
    return pipeline(recompute)
        .assigned_stages()
        .set("/layout/pp", "1")
        .set("/layout/ep", "8")
        .set("/cluster/num_nodes", "8")
        .set("/recipe/global_batch", "256");
  };
  const double none = one_stage("[]").seconds(test::kComputation);
  const V3Step full = one_stage(R"(["full"])");
  const TrainingInputs inputs = full.inputs();
  const double again = work_s(inputs, Phase::attention_recompute) + work_s(inputs, Phase::mlp_recompute);
  EXPECT_NEAR(full.seconds(test::kComputation) - none, again, 1e-6 * none);
  EXPECT_GT(again, 0.15 * none);
  EXPECT_LT(again, 0.35 * none);
}

TEST(RecomputeFull, OfTheFirstLayersOfEachStage) {
  const Replayed step(pipeline(R"(["full"])").set("/layout/recompute_layers", "2").inputs());
  EXPECT_EQ(step.count(Phase::attention_recompute), 2 * 16 * kMicrobatches);
  const double all = pipeline(R"(["full"])").seconds(), none = pipeline("[]").seconds();
  EXPECT_GT(step.result.makespan_s, none);
  EXPECT_LT(step.result.makespan_s, all);
}

// Overlapped pairs hold it as well.
TEST(RecomputeFull, InPairs) {
  const Replayed step(V3Step::plain().much_memory().set("/layout/recompute", R"(["full"])").inputs());
  EXPECT_EQ(step.count(Phase::attention_recompute), kLayers * kMicrobatches);
  EXPECT_EQ(step.count(Phase::dispatch_forward), 2 * kMoeLayers * kMicrobatches);
}

// Routed experts alone: their dispatch and combine again, no attention, and less than the MLP's whole
// forward, by the shared expert.
TEST(RecomputeMoe, RepeatsExpertsAndTheirTransfers) {
  const TrainingInputs inputs = pipeline(R"(["moe"])").inputs();
  const Replayed step(inputs);
  EXPECT_EQ(step.count(Phase::attention_recompute), 0);
  EXPECT_EQ(step.count(Phase::mlp_recompute), kMoeLayers * kMicrobatches);
  EXPECT_EQ(step.count(Phase::dispatch_forward), 2 * kMoeLayers * kMicrobatches);
  const LayerWork work = test::moe_work(inputs);
  EXPECT_LT(work.mlp_recompute.alone_s, work.mlp_forward.alone_s);
  EXPECT_GT(work.mlp_recompute.alone_s, 0.7 * work.mlp_forward.alone_s);
  // Nothing of SwiGLU is stored in between.
  EXPECT_LT(work.mlp_forward.alone_s, work_with("[]").mlp_forward.alone_s);
}

/// Time of the operators of a forward pass that have this name, and a gap behind each.
double forward_s(const TrainingInputs& inputs, const char* name, const OperatorContext& context) {
  double sum = 0;
  for (const Operator& op : layer_operators(inputs.model(), LayerKind::moe, Pass::forward, context)) {
    if (op.name != name) continue;
    sum += operator_time(op, inputs.stack, inputs.profile).seconds + inputs.constant("kernel_gap");
  }
  return sum;
}

TEST(RecomputeCoreAttention, AddsItsForward) {
  OperatorContext context;  // 4096 tokens
  const double core = forward_s(pipeline("[]").inputs(), "attention_core", context);
  EXPECT_GT(core, 1e-3);
  EXPECT_NEAR(work_with(R"(["core_attention"])").attention_backward.alone_s -
                  work_with("[]").attention_backward.alone_s,
              core, 1e-9);
}

// In BF16 the shared expert's gate and up projection and its SwiGLU come again.
TEST(RecomputeMlp, AddsTheSharedExpert) {
  OperatorContext context;
  context.format = NumberFormat::bf16;
  const TrainingInputs inputs = pipeline("[]").set("/recipe/precision", "bf16").inputs();
  const double expert =
      forward_s(inputs, "shared_gate_up", context) + forward_s(inputs, "swiglu.shared", context);
  EXPECT_NEAR(
      work_with(R"(["mlp"])", "bf16").mlp_backward.alone_s - work_with("[]", "bf16").mlp_backward.alone_s,
      expert, 1e-9);
}

// FP8 keeps inputs of SwiGLU in any case; BF16 keeps its outputs unless told otherwise.
TEST(RecomputeSwiglu, IsAChoiceInBf16Alone) {
  EXPECT_EQ(work_with(R"(["swiglu"])").mlp_backward.alone_s, work_with("[]").mlp_backward.alone_s);
  EXPECT_GT(work_with(R"(["swiglu"])", "bf16").mlp_backward.alone_s,
            work_with("[]", "bf16").mlp_backward.alone_s);
}

}  // namespace
}  // namespace moesim
