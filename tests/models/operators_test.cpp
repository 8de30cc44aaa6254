#include "models/operators.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/models/models.hpp"

namespace moesim {
namespace {

using test::named;
using test::serving_context;
using test::training_context;
using testing::ElementsAre;

std::vector<std::string> moe_products(Pass pass) {
  const ModelSpec model = load_model("deepseek-v3");
  return test::products(layer_operators(model, LayerKind::moe, pass, training_context(model)));
}

// Rows are tokens; 4,096 x 8 rows over the four local experts.
TEST(MoeLayerOfDeepSeekV3, MultipliesForward) {
  EXPECT_THAT(moe_products(Pass::forward),
              ElementsAre("q_down 4096x1536x7168", "kv_down 4096x576x7168", "q_up 4096x24576x1536",
                          "kv_up 4096x32768x512", "o_proj 4096x7168x16384", "gate 4096x256x7168",
                          "shared_gate_up 4096x4096x7168", "shared_down 4096x7168x2048",
                          "routed_gate_up 4*32768x4096x7168", "routed_down 4*32768x7168x2048"));
}

// [tokens, out] x [out, in]: out and in change places; the order is that of the backward pass. The gate's
// weight gradient is too small to defer.
TEST(MoeLayerOfDeepSeekV3, MultipliesForInputGradients) {
  EXPECT_THAT(
      moe_products(Pass::input_gradient),
      ElementsAre("shared_down_dgrad 4096x2048x7168", "routed_down_dgrad 4*32768x2048x7168",
                  "routed_gate_up_dgrad 4*32768x7168x4096", "shared_gate_up_dgrad 4096x7168x4096",
                  "gate_dgrad 4096x7168x256", "gate_wgrad 256x7168x4096", "o_proj_dgrad 4096x16384x7168",
                  "q_up_dgrad 4096x1536x24576", "kv_up_dgrad 4096x512x32768", "kv_down_dgrad 4096x7168x576",
                  "q_down_dgrad 4096x7168x1536"));
}

// [out, tokens] x [tokens, in]: tokens are reduced.
TEST(MoeLayerOfDeepSeekV3, MultipliesForWeightGradients) {
  EXPECT_THAT(
      moe_products(Pass::weight_gradient),
      ElementsAre("shared_down_wgrad 7168x2048x4096", "shared_gate_up_wgrad 4096x7168x4096",
                  "routed_down_wgrad 4*7168x2048x32768", "routed_gate_up_wgrad 4*4096x7168x32768",
                  "o_proj_wgrad 7168x16384x4096", "kv_up_wgrad 32768x512x4096", "q_up_wgrad 24576x1536x4096",
                  "kv_down_wgrad 576x7168x4096", "q_down_wgrad 1536x7168x4096"));
}

TEST(DenseLayerOfDeepSeekV3, MultipliesForward) {
  const ModelSpec model = load_model("deepseek-v3");
  const auto operators = layer_operators(model, LayerKind::dense, Pass::forward, training_context(model));
  EXPECT_THAT(test::products(operators),
              ElementsAre("q_down 4096x1536x7168", "kv_down 4096x576x7168", "q_up 4096x24576x1536",
                          "kv_up 4096x32768x512", "o_proj 4096x7168x16384", "dense_gate_up 4096x36864x7168",
                          "dense_down 4096x7168x18432"));
}

TEST(LayerWithoutLatents, ProjectsQueriesKeysAndValuesAtOnce) {
  const ModelSpec model = load_model("deepseek-moe-16b");
  const auto operators = layer_operators(model, LayerKind::dense, Pass::forward, training_context(model));
  EXPECT_THAT(test::products(operators),
              ElementsAre("qkv_proj 4096x6144x2048", "o_proj 4096x2048x2048", "dense_gate_up 4096x21888x2048",
                          "dense_down 4096x2048x10944"));
}

// Every product but the latents', which all ranks repeat, has half the columns (or reduces half of them).
TEST(TensorParallelism, HalvesColumnsAndKeepsLatents) {
  const ModelSpec model = load_model("deepseek-v3");
  OperatorContext context = training_context(model);
  context.tp = 2;
  context.etp = 2;
  EXPECT_THAT(test::products(layer_operators(model, LayerKind::moe, Pass::forward, context)),
              ElementsAre("q_down 4096x1536x7168", "kv_down 4096x576x7168", "q_up 4096x12288x1536",
                          "kv_up 4096x16384x512", "o_proj 4096x7168x8192", "gate 2048x256x7168",
                          "shared_gate_up 4096x2048x7168", "shared_down 4096x7168x1024",
                          "routed_gate_up 4*32768x2048x7168", "routed_down 4*32768x7168x1024"));
  const auto whole = layer_operators(model, LayerKind::moe, Pass::forward, training_context(model));
  const auto half = layer_operators(model, LayerKind::moe, Pass::forward, context);
  EXPECT_DOUBLE_EQ(named(half, "attention_core").flops, named(whole, "attention_core").flops / 2);
  EXPECT_DOUBLE_EQ(named(half, "rms_norm.mlp").bytes(), named(whole, "rms_norm.mlp").bytes() / 2);
}

TEST(TensorParallelism, HalvesTheHead) {
  const ModelSpec model = load_model("deepseek-v3");
  OperatorContext context = training_context(model);
  context.tp = 2;
  EXPECT_THAT(test::products(head_operators(model, Pass::forward, context)),
              ElementsAre("head 4096x64640x7168"));
}

// q_up: x[4096, 1536] and w[24576, 1536] in, y[4096, 24576] in BF16 out. FP8: one byte and a scale of 4 bytes
// per 128 elements.
TEST(Bytes, OfAForwardProduct) {
  const ModelSpec model = load_model("deepseek-v3");
  const double operands = 4096.0 * 1536 + 24576.0 * 1536;
  const double output = 2 * 4096.0 * 24576;
  const auto of = [&](NumberFormat format) {
    return named(layer_operators(model, LayerKind::moe, Pass::forward, training_context(model, format)),
                 "q_up");
  };
  EXPECT_DOUBLE_EQ(of(NumberFormat::bf16).bytes_read, 2 * operands);
  EXPECT_DOUBLE_EQ(of(NumberFormat::fp8).bytes_read, (1 + 4.0 / 128) * operands);
  EXPECT_DOUBLE_EQ(of(NumberFormat::bf16).bytes_written, output);
  EXPECT_DOUBLE_EQ(of(NumberFormat::fp8).bytes_written, output);
}

// Both operands in, and the main gradient [24576, 1536] in and out, FP32 or BF16.
TEST(Bytes, OfAWeightGradient) {
  const ModelSpec model = load_model("deepseek-v3");
  const double operands = 4096.0 * (24576 + 1536);
  const double weights = 24576.0 * 1536;
  for (const NumberFormat gradients : {NumberFormat::fp32, NumberFormat::bf16}) {
    OperatorContext context = training_context(model);
    context.gradient_format = gradients;
    const Operator op =
        named(layer_operators(model, LayerKind::moe, Pass::weight_gradient, context), "q_up_wgrad");
    EXPECT_DOUBLE_EQ(op.bytes_written, bytes_per_element(gradients) * weights);
    EXPECT_DOUBLE_EQ(op.bytes_read, op.bytes_written + (1 + 4.0 / 128) * operands);
  }
}

// Four experts' weights, whatever their rows.
TEST(Bytes, OfAGroupedProduct) {
  const ModelSpec model = load_model("deepseek-v3");
  OperatorContext context = training_context(model, NumberFormat::bf16);
  context.expert_tokens = 1000;
  const Operator op = named(layer_operators(model, LayerKind::moe, Pass::forward, context), "routed_down");
  EXPECT_EQ(op.kind, OperatorKind::grouped_gemm);
  EXPECT_DOUBLE_EQ(op.bytes_read, 2 * (1000.0 * 2048 + 4.0 * 2048 * 7168));
  EXPECT_DOUBLE_EQ(op.bytes_written, 2 * 1000.0 * 7168);
}

// Gate, embedding and head are BF16 in FP8 training; gate logits are FP32.
TEST(Formats, AreFp8ForAllLinearsButGateAndHead) {
  const ModelSpec model = load_model("deepseek-v3");
  const OperatorContext context = training_context(model);
  for (const Pass pass : {Pass::forward, Pass::input_gradient, Pass::weight_gradient}) {
    for (const Operator& op : layer_operators(model, LayerKind::moe, pass, context)) {
      if (op.kind != OperatorKind::gemm && op.kind != OperatorKind::grouped_gemm) continue;
      const bool is_gate = op.name.starts_with("gate");
      EXPECT_EQ(op.format, is_gate ? NumberFormat::bf16 : NumberFormat::fp8) << op.name;
    }
    for (const Operator& op : head_operators(model, pass, context)) {
      if (op.kind == OperatorKind::small) continue;
      EXPECT_EQ(op.format, NumberFormat::bf16) << op.name;
    }
  }
  const auto forward = layer_operators(model, LayerKind::moe, Pass::forward, context);
  EXPECT_DOUBLE_EQ(named(forward, "gate").bytes_written, 4 * 4096.0 * 256);
}

// 2 x 7168 -> 7168 in all three passes.
TEST(MtpModule, ProjectsTwoHiddenStatesToOne) {
  const ModelSpec model = load_model("deepseek-v3");
  const OperatorContext context = training_context(model);
  EXPECT_THAT(test::products(mtp_projection_operators(model, Pass::forward, context)),
              ElementsAre("mtp_projection 4096x7168x14336"));
  EXPECT_THAT(test::products(mtp_projection_operators(model, Pass::input_gradient, context)),
              ElementsAre("mtp_projection_dgrad 4096x14336x7168"));
  EXPECT_THAT(test::products(mtp_projection_operators(model, Pass::weight_gradient, context)),
              ElementsAre("mtp_projection_wgrad 7168x14336x4096"));
}

TEST(Head, SeesTheLastTokenOfEachPrompt) {
  const ModelSpec model = load_model("deepseek-v3");
  EXPECT_EQ(named(head_operators(model, Pass::prefill, serving_context(model, 4, 1024, 0)), "head").m, 4);
  EXPECT_EQ(named(head_operators(model, Pass::decode, serving_context(model, 128, 1, 100)), "head").m, 128);
  EXPECT_EQ(named(head_operators(model, Pass::forward, training_context(model)), "head").m, 4096);
}

TEST(Components, SplitALayerIntoPhases) {
  const ModelSpec model = load_model("deepseek-v3");
  const auto forward = layer_operators(model, LayerKind::moe, Pass::forward, training_context(model));
  EXPECT_EQ(named(forward, "gate").component, Component::attention);
  EXPECT_EQ(named(forward, "quantise.dispatch").component, Component::attention);
  EXPECT_EQ(named(forward, "routed_down").component, Component::mlp);
  const auto backward = layer_operators(model, LayerKind::moe, Pass::input_gradient, training_context(model));
  EXPECT_EQ(named(backward, "quantise.combine_gradient").component, Component::communication);
  EXPECT_EQ(named(backward, "o_proj_dgrad").component, Component::attention);
}

TEST(OperatorClass, IsTheNameUpToTheDot) {
  EXPECT_EQ(operator_class("rms_norm.mlp"), "rms_norm");
  EXPECT_EQ(operator_class("q_up"), "q_up");
}

}  // namespace
}  // namespace moesim
