// Kernels bound by HBM traffic: bytes of each, and which of them a pass has.
#include <gtest/gtest.h>

#include "models/operators.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

using test::has_class;
using test::named;
using test::serving_context;
using test::training_context;

constexpr double kTokens = 4096;
constexpr double kFp8 = 1 + 4.0 / 128;  ///< bytes of an element with its share of a scale

std::vector<Operator> moe_layer(Pass pass, NumberFormat format = NumberFormat::fp8) {
  const ModelSpec model = load_model("deepseek-v3");
  return layer_operators(model, LayerKind::moe, pass, training_context(model, format));
}

void expect_bytes(const Operator& op, double read, double written) {
  EXPECT_EQ(op.kind, OperatorKind::small) << op.name;
  EXPECT_DOUBLE_EQ(op.bytes_read, read) << op.name;
  EXPECT_DOUBLE_EQ(op.bytes_written, written) << op.name;
}

// Branch and residual in, their sum and its norm out.
TEST(Norms, AddTheResidual) {
  const double row = 2 * 7168;
  expect_bytes(named(moe_layer(Pass::forward), "rms_norm.mlp"), 2 * kTokens * row, 2 * kTokens * row);
  expect_bytes(named(moe_layer(Pass::forward), "rms_norm.kv_latent"), kTokens * 2 * 512, kTokens * 2 * 512);
}

TEST(Casts, ReadBf16AndWriteFp8) {
  const auto forward = moe_layer(Pass::forward);
  expect_bytes(named(forward, "quantise.q_up"), kTokens * 1536 * 2, kTokens * 1536 * kFp8);
  expect_bytes(named(forward, "quantise.dispatch"), kTokens * 7168 * 2, kTokens * 7168 * kFp8);
  const auto backward = moe_layer(Pass::input_gradient);
  expect_bytes(named(backward, "dequantise.routed_swiglu_input"), 8 * kTokens * 4096 * kFp8,
               8 * kTokens * 4096 * 2);
  expect_bytes(named(backward, "cast_transpose.o_proj_gradient"), kTokens * 7168 * 2, kTokens * 7168 * kFp8);
  expect_bytes(named(backward, "transpose_weight.q_up"), 24576 * 1536, 24576 * 1536);
}

// 12 bits and one FP32 scale per 128 values.
TEST(Casts, KeepTheAttentionOutputInE5M6) {
  const double values = kTokens * 128 * 128;
  expect_bytes(named(moe_layer(Pass::forward), "store_e5m6.attention_output"), values * 2,
               values * (1.5 + 4.0 / 128));
  expect_bytes(named(moe_layer(Pass::input_gradient), "restore_e5m6.attention_output"),
               values * (1.5 + 4.0 / 128), values * 2);
}

TEST(Casts, AreFp8Only) {
  for (const Pass pass :
       {Pass::forward, Pass::input_gradient, Pass::weight_gradient, Pass::prefill, Pass::decode}) {
    const auto operators = moe_layer(pass, NumberFormat::bf16);
    for (const char* cast : {"quantise", "dequantise", "cast_transpose", "swiglu_cast_transpose",
                             "transpose_weight", "transpose_scales", "store_e5m6", "restore_e5m6"}) {
      EXPECT_FALSE(has_class(operators, cast)) << cast;
    }
  }
}

// Gate and up in, the input of the down projection out.
TEST(SwiGlu, HalvesTheWidth) {
  expect_bytes(named(moe_layer(Pass::forward), "swiglu.routed"), 8 * kTokens * 4096 * 2,
               8 * kTokens * 2048 * kFp8);
  expect_bytes(named(moe_layer(Pass::forward, NumberFormat::bf16), "swiglu.routed"), 8 * kTokens * 4096 * 2,
               8 * kTokens * 2048 * 2);
}

// Rows that dispatch delivers, once for each local expert that they meet, as FP8 or BF16.
TEST(Permutation, MovesEveryRowOfTheExperts) {
  const double values = 8 * kTokens * 7168;
  expect_bytes(named(moe_layer(Pass::forward), "permute"), values * kFp8, values * kFp8);
  expect_bytes(named(moe_layer(Pass::forward, NumberFormat::bf16), "permute"), values * 2, values * 2);
}

// A token that several local experts share arrives and leaves once.
TEST(Permutation, SumsRowsIntoReceivedTokens) {
  const ModelSpec model = load_model("deepseek-v3");
  OperatorContext context = training_context(model);
  context.received_tokens = 2 * kTokens;
  const auto operators = layer_operators(model, LayerKind::moe, Pass::forward, context);
  expect_bytes(named(operators, "unpermute"), 8 * kTokens * 7168 * 2, 2 * kTokens * 7168 * 2);
}

// Low-latency dispatch delivers rows by expert and its combine sums them.
TEST(Permutation, IsNoPartOfDecode) {
  EXPECT_TRUE(has_class(moe_layer(Pass::prefill), "permute"));
  const ModelSpec model = load_model("deepseek-v3");
  const auto decode =
      layer_operators(model, LayerKind::moe, Pass::decode, serving_context(model, 64, 1, 100));
  EXPECT_FALSE(has_class(decode, "permute"));
  EXPECT_FALSE(has_class(decode, "unpermute"));
}

// 128 rotated queries of 64 and the one rotated key part that all heads share.
TEST(Rope, RotatesTheSharedKeyOnce) {
  const auto forward = moe_layer(Pass::forward);
  expect_bytes(named(forward, "rope.query"), kTokens * 128 * 64 * 2, kTokens * 128 * 64 * 2);
  expect_bytes(named(forward, "rope.key"), kTokens * 64 * 2, kTokens * 64 * 2);
}

// FP32 affinities of 256 experts; groups cost a choice and a mask only where there are any.
TEST(Gate, ReadsEveryAffinity) {
  expect_bytes(named(moe_layer(Pass::forward), "gate_score"), kTokens * 256 * 4, kTokens * 256 * 4);
  EXPECT_EQ(named(moe_layer(Pass::forward), "gate_weights").count, 4);
  EXPECT_EQ(named(moe_layer(Pass::forward), "gate_top_k.groups").bytes_read, kTokens * 256 * 4);
  const ModelSpec lite = load_model("deepseek-v2-lite");
  for (const Operator& op : layer_operators(lite, LayerKind::moe, Pass::forward, training_context(lite))) {
    EXPECT_NE(op.name, "gate_top_k.groups");
  }
}

TEST(Gate, HasBalanceLossesInTrainingOnly) {
  EXPECT_TRUE(has_class(moe_layer(Pass::forward), "balance_loss"));
  EXPECT_FALSE(has_class(moe_layer(Pass::prefill), "balance_loss"));
}

// Latent and rotated key of the new tokens.
TEST(KvCache, IsWrittenInServing) {
  EXPECT_EQ(named(moe_layer(Pass::prefill), "kv_cache_write").bytes_written, kTokens * 576 * 2);
  EXPECT_FALSE(has_class(moe_layer(Pass::forward), "kv_cache_write"));
}

// A row and its 8-byte id in, the row out; the gradient of a row is added to the main gradient.
TEST(Embedding, ReadsRowsAndScattersGradients) {
  const ModelSpec model = load_model("deepseek-v3");
  const OperatorContext context = training_context(model);
  const double row = kTokens * 7168;
  expect_bytes(named(embedding_operators(model, Pass::forward, context), "embedding"), row * 2 + kTokens * 8,
               row * 2);
  expect_bytes(named(embedding_operators(model, Pass::weight_gradient, context), "embedding_wgrad"),
               row * 2 + row * 4 + kTokens * 8, row * 4);
  EXPECT_TRUE(embedding_operators(model, Pass::input_gradient, context).empty());
}

// Logits are read and overwritten by their gradients, in training.
TEST(CrossEntropy, PassesTheLogitsOnce) {
  const ModelSpec model = load_model("deepseek-v3");
  const double logits = kTokens * 129280 * 2;
  expect_bytes(named(head_operators(model, Pass::forward, training_context(model)), "cross_entropy"), logits,
               logits);
  EXPECT_FALSE(has_class(head_operators(model, Pass::decode, training_context(model)), "cross_entropy"));
}

// Four launches count four times in every sum.
TEST(SumOf, CountsEveryLaunch) {
  Operator op;
  op.flops = 3;
  op.model_flops = 2;
  op.bytes_read = 5;
  op.bytes_written = 7;
  op.count = 4;
  const OperatorSum sum = sum_of({op, op});
  EXPECT_EQ(sum.flops.value(), 24);
  EXPECT_EQ(sum.model_flops.value(), 16);
  EXPECT_EQ(sum.bytes.value(), 96);
  EXPECT_EQ(sum.launches, 8);
}

}  // namespace
}  // namespace moesim
