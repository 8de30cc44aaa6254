// What whole passes and models spend, against the counts per token.
#include <gtest/gtest.h>

#include "models/flops.hpp"
#include "models/operators.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

using test::named;
using test::serving_context;
using test::training_context;

constexpr double kTokens = 4096;

/// All passes of a training step over all layers and the head, and the MTP modules with their heads.
OperatorSum training_sum(const ModelSpec& model, const OperatorContext& context, bool with_mtp) {
  std::vector<Operator> all;
  const auto add = [&](const std::vector<Operator>& some) {
    all.insert(all.end(), some.begin(), some.end());
  };
  for (const Pass pass : {Pass::forward, Pass::input_gradient, Pass::weight_gradient}) {
    for (int layer = 0; layer < model.num_layers; ++layer) {
      add(layer_operators(model, model.layer_kind(layer), pass, context));
    }
    add(embedding_operators(model, pass, context));
    add(head_operators(model, pass, context));
    for (int module = 0; with_mtp && module < model.mtp_depth; ++module) {
      add(mtp_projection_operators(model, pass, context));
      add(layer_operators(model, LayerKind::moe, pass, context));
      add(head_operators(model, pass, context));
    }
  }
  return sum_of(all);
}

/// Layers and head of one pass.
OperatorSum inference_sum(const ModelSpec& model, Pass pass, const OperatorContext& context) {
  std::vector<Operator> all = head_operators(model, pass, context);
  for (int layer = 0; layer < model.num_layers; ++layer) {
    const auto some = layer_operators(model, model.layer_kind(layer), pass, context);
    all.insert(all.end(), some.begin(), some.end());
  }
  return sum_of(all);
}

class EveryModel : public testing::TestWithParam<std::string> {};

TEST_P(EveryModel, SpendsWhatTrainingFlopsPerTokenCounts) {
  const ModelSpec model = load_model(GetParam());
  for (const bool causal : {true, false}) {
    OperatorContext context = training_context(model);
    context.causal = causal;
    const double expected = training_flops_per_token(model, 4096, causal, true).value() * kTokens;
    EXPECT_NEAR(training_sum(model, context, true).model_flops.value() / expected, 1, 1e-12);
    const double without_mtp = training_flops_per_token(model, 4096, causal).value() * kTokens;
    EXPECT_NEAR(training_sum(model, context, false).model_flops.value() / without_mtp, 1, 1e-12);
  }
}

TEST_P(EveryModel, SpendsTheSameFlopsInEitherFormat) {
  const ModelSpec model = load_model(GetParam());
  const OperatorSum fp8 = training_sum(model, training_context(model), true);
  const OperatorSum bf16 = training_sum(model, training_context(model, NumberFormat::bf16), true);
  EXPECT_DOUBLE_EQ(fp8.flops.value(), bf16.flops.value());
  EXPECT_GT(fp8.launches, bf16.launches);  // casts
}

// Of four prompts only the last tokens pass the head.
TEST_P(EveryModel, SpendsWhatPrefillFlopsPerTokenCounts) {
  const ModelSpec model = load_model(GetParam());
  const OperatorSum sum = inference_sum(model, Pass::prefill, serving_context(model, 4, 1024, 0));
  const double head = 4 * 2 * static_cast<double>(model.vocabulary * model.hidden);
  const double expected = 4 * 1024 * prefill_flops_per_token(model, 1024).value() + head;
  EXPECT_NEAR(sum.model_flops.value() / expected, 1, 1e-12);
}

// A new token sees 4,095 cached ones and itself.
TEST_P(EveryModel, SpendsWhatDecodeFlopsPerTokenCounts) {
  const ModelSpec model = load_model(GetParam());
  const OperatorSum sum = inference_sum(model, Pass::decode, serving_context(model, 128, 1, 4095));
  EXPECT_NEAR(sum.model_flops.value() / (128 * decode_flops_per_token(model, 4096).value()), 1, 1e-12);
}

TEST_P(EveryModel, HasSoundOperatorsInEveryPass) {
  const ModelSpec model = load_model(GetParam());
  for (const Pass pass :
       {Pass::forward, Pass::input_gradient, Pass::weight_gradient, Pass::prefill, Pass::decode}) {
    for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::bf16}) {
      OperatorContext context = serving_context(model, 8, pass == Pass::decode ? 1 : 512, 512);
      if (pass != Pass::prefill && pass != Pass::decode) context.past_tokens = 0;
      context.format = format;
      for (const LayerKind kind : test::layer_kinds(model)) {
        for (const Operator& op : layer_operators(model, kind, pass, context)) {
          EXPECT_GT(op.bytes_read, 0) << op.name;
          EXPECT_GT(op.bytes_written, 0) << op.name;
          EXPECT_GE(op.count, 1) << op.name;
          EXPECT_EQ(op.flops == 0, op.kind == OperatorKind::small) << op.name;
          EXPECT_LE(op.model_flops, op.flops) << op.name;
          if (op.kind != OperatorKind::gemm && op.kind != OperatorKind::grouped_gemm) continue;
          // Weight gradients reduce over the rows of all groups; the others' rows are those of all groups.
          const auto product =
              static_cast<double>(op.m) * static_cast<double>(op.n) * static_cast<double>(op.k);
          EXPECT_DOUBLE_EQ(op.flops, 2 * product) << op.name;
        }
      }
    }
  }
}

// Twice the sequences: twice the operations and, but for weights and their gradients, twice the bytes.
TEST_P(EveryModel, GrowsWithItsSequences) {
  const ModelSpec model = load_model(GetParam());
  OperatorContext twice = training_context(model);
  twice.tokens *= 2;
  twice.expert_tokens *= 2;
  const LayerKind kind = test::layer_kinds(model).back();
  for (const Pass pass : {Pass::forward, Pass::input_gradient, Pass::weight_gradient}) {
    const OperatorSum one = sum_of(layer_operators(model, kind, pass, training_context(model)));
    const OperatorSum two = sum_of(layer_operators(model, kind, pass, twice));
    EXPECT_DOUBLE_EQ(two.flops.value(), 2 * one.flops.value());
    EXPECT_EQ(two.launches, one.launches);
    EXPECT_LT(two.bytes.value(), 2 * one.bytes.value());
    EXPECT_GT(two.bytes.value(), one.bytes.value());
  }
}

INSTANTIATE_TEST_SUITE_P(Catalog, EveryModel, testing::ValuesIn(catalog_names()), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
});

// q_up and kv_up again: 2 x 4,096 x (1536 x 24576 + 512 x 32768). They are executed, but not the model's.
TEST(Recompute, RunsUpProjectionsAgain) {
  const ModelSpec model = load_model("deepseek-v3");
  OperatorContext context = training_context(model);
  const OperatorSum before = sum_of(layer_operators(model, LayerKind::moe, Pass::input_gradient, context));
  context.recompute.mla_up_projection = true;
  const auto operators = layer_operators(model, LayerKind::moe, Pass::input_gradient, context);
  const OperatorSum after = sum_of(operators);
  EXPECT_DOUBLE_EQ((after.flops - before.flops).value(), 2 * 4096.0 * (1536.0 * 24576 + 512.0 * 32768));
  EXPECT_EQ(after.model_flops, before.model_flops);
  EXPECT_TRUE(named(operators, "q_up").recomputed);
  EXPECT_EQ(named(operators, "q_up").role, OperatorRole::forward);
  EXPECT_FALSE(named(operators, "q_up_dgrad").recomputed);
}

TEST(Recompute, OfNormsAddsSmallKernelsOnly) {
  const ModelSpec model = load_model("deepseek-v3");
  OperatorContext context = training_context(model);
  const OperatorSum before = sum_of(layer_operators(model, LayerKind::moe, Pass::input_gradient, context));
  context.recompute.rms_norm = true;
  const OperatorSum after = sum_of(layer_operators(model, LayerKind::moe, Pass::input_gradient, context));
  EXPECT_EQ(after.flops, before.flops);
  EXPECT_GT(after.bytes, before.bytes);
}

TEST(Recompute, OfTheLayerRunsItsForwardPassAgain) {
  const ModelSpec model = load_model("deepseek-v3");
  OperatorContext context = training_context(model);
  const OperatorSum forward = sum_of(layer_operators(model, LayerKind::moe, Pass::forward, context));
  const OperatorSum before = sum_of(layer_operators(model, LayerKind::moe, Pass::input_gradient, context));
  context.recompute.full_layer = true;
  const OperatorSum after = sum_of(layer_operators(model, LayerKind::moe, Pass::input_gradient, context));
  EXPECT_DOUBLE_EQ(after.flops.value(), (before.flops + forward.flops).value());
  EXPECT_EQ(after.model_flops, before.model_flops);
}

}  // namespace
}  // namespace moesim
