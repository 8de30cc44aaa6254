// Models with grouped-query attention, dense ones, and ones without shared experts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/operators.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

using test::has_class;
using test::named;
using test::products;
using test::serving_context;
using test::training_context;
using testing::ElementsAre;

std::vector<Operator> training(const ModelSpec& model, LayerKind kind, Pass pass, int tp = 1) {
  OperatorContext context = training_context(model, NumberFormat::bf16);
  context.tp = tp;
  return layer_operators(model, kind, pass, context);
}

// 48 + 2 x 8 heads of 128 are 8,192 columns; eight experts 16,384 wide share 4,096 x 2 rows, four of them
// here; no shared expert.
TEST(GroupedQueryLayer, OfMixtralHasItsProducts) {
  const ModelSpec model = load_model("mixtral-8x22b");
  EXPECT_THAT(products(training(model, LayerKind::moe, Pass::forward)),
              ElementsAre("qkv_proj 4096x8192x6144", "o_proj 4096x6144x6144", "gate 4096x8x6144",
                          "routed_gate_up 4*8192x32768x6144", "routed_down 4*8192x6144x16384"));
  EXPECT_THAT(products(training(model, LayerKind::moe, Pass::input_gradient)),
              ElementsAre("routed_down_dgrad 4*8192x16384x6144", "routed_gate_up_dgrad 4*8192x6144x32768",
                          "gate_dgrad 4096x6144x8", "gate_wgrad 8x6144x4096", "o_proj_dgrad 4096x6144x6144",
                          "qkv_proj_dgrad 4096x6144x8192"));
  EXPECT_THAT(products(training(model, LayerKind::moe, Pass::weight_gradient)),
              ElementsAre("routed_down_wgrad 4*6144x16384x8192", "routed_gate_up_wgrad 4*32768x6144x8192",
                          "o_proj_wgrad 6144x6144x4096", "qkv_proj_wgrad 8192x6144x4096"));
}

TEST(GroupedQueryLayer, OfADenseModelHasItsProducts) {
  EXPECT_THAT(products(training(load_model("llama-3.1-405b"), LayerKind::dense, Pass::forward)),
              ElementsAre("qkv_proj 4096x18432x16384", "o_proj 4096x16384x16384",
                          "dense_gate_up 4096x106496x16384", "dense_down 4096x16384x53248"));
}

// Qwen3-235B: 64 heads of 128 are wider than the residual stream of 4,096.
TEST(GroupedQueryLayer, MayHaveHeadsWiderThanTheResidualStream) {
  const auto operators = training(load_model("qwen3-235b-a22b"), LayerKind::moe, Pass::forward);
  EXPECT_EQ(named(operators, "qkv_proj").n, (64 + 2 * 4) * 128);
  EXPECT_EQ(named(operators, "o_proj").k, 8192);
}

// 128 query heads of 128 share 8 of keys and values: 2,048 keys a query on average, scores and values.
TEST(GroupedQueryCore, ReadsKeysOnceForTheQueriesThatShareThem) {
  const Operator op =
      named(training(load_model("llama-3.1-405b"), LayerKind::dense, Pass::forward), "attention_core");
  EXPECT_EQ(op.heads, 128);
  EXPECT_EQ(op.kv_heads, 8);
  EXPECT_DOUBLE_EQ(op.flops, 2 * 4096.0 * 2048 * 128 * (128 + 128));
  EXPECT_DOUBLE_EQ(op.bytes_read, 2 * 4096.0 * 128 * (128 + 2 * 8));
}

TEST(GroupedQueryCore, IsSplitByHeads) {
  const ModelSpec model = load_model("llama-3.1-405b");
  const auto operators = training(model, LayerKind::dense, Pass::forward, 8);
  EXPECT_EQ(named(operators, "attention_core").heads, 16);
  EXPECT_EQ(named(operators, "attention_core").kv_heads, 1);
  EXPECT_EQ(named(operators, "qkv_proj").n, 18432 / 8);
  // With more GPUs than heads of keys each holds one of them.
  EXPECT_EQ(named(training(model, LayerKind::dense, Pass::forward, 16), "qkv_proj").n, (8 + 2) * 128);
}

// Decode reads the cache of each sequence: keys and values of 8 heads of 128 in BF16.
TEST(GroupedQueryCore, ReadsTheCacheInDecode) {
  const ModelSpec model = load_model("qwen2.5-72b");
  const Operator op =
      named(layer_operators(model, LayerKind::dense, Pass::decode, serving_context(model, 16, 1, 4095)),
            "attention_core");
  EXPECT_EQ(op.kv_tokens, 4096);
  EXPECT_DOUBLE_EQ(op.bytes_read, 16 * 2.0 * (4096 * 2 * 8 * 128 + 64 * 128));
}

TEST(QueryKeyNorm, RunsBeforeTheRotationAndBackwardBehindIt) {
  const ModelSpec model = load_model("qwen3-30b-a3b");
  const auto forward = training(model, LayerKind::moe, Pass::forward);
  const Operator norm = named(forward, "rms_norm.query_key");
  EXPECT_DOUBLE_EQ(norm.bytes_read, 2 * 4096.0 * (32 + 4) * 128);
  const auto backward = training(model, LayerKind::moe, Pass::input_gradient);
  EXPECT_DOUBLE_EQ(named(backward, "rms_norm_backward.query_key").bytes_read, 2 * norm.bytes_read);
  EXPECT_EQ(named(layer_operators(model, LayerKind::moe, Pass::decode, serving_context(model, 8, 1, 100)),
                  "rms_norm.query_key")
                .bytes_written,
            2 * 8.0 * (32 + 4) * 128);
}

TEST(QueryKeyNorm, IsRecomputedWithTheOtherNorms) {
  const ModelSpec model = load_model("qwen3-30b-a3b");
  OperatorContext context = training_context(model, NumberFormat::bf16);
  context.recompute.rms_norm = true;
  const auto operators = layer_operators(model, LayerKind::moe, Pass::input_gradient, context);
  EXPECT_TRUE(named(operators, "rms_norm.query_key").recomputed);
}

// The gradient of a bias is its output gradient summed over the rows; forward it is added within the product.
TEST(QkvBias, HasAGradient) {
  const auto operators = training(load_model("qwen2.5-72b"), LayerKind::dense, Pass::weight_gradient);
  const Operator bias = named(operators, "bias_gradient.qkv_proj");
  EXPECT_DOUBLE_EQ(bias.bytes_read, 2 * 4096.0 * (64 + 16) * 128);
  EXPECT_DOUBLE_EQ(bias.bytes_written, 4 * (64.0 + 16) * 128);
  EXPECT_FALSE(has_class(training(load_model("llama-3.1-70b"), LayerKind::dense, Pass::weight_gradient),
                         "bias_gradient"));
}

// A gate of one column beside that of the experts; its number scales the shared output of each token.
TEST(SharedGate, ScalesTheSharedExpertsOutput) {
  const ModelSpec model = load_model("qwen2-57b-a14b");
  const auto forward = training(model, LayerKind::moe, Pass::forward);
  EXPECT_DOUBLE_EQ(named(forward, "shared_gate").flops, 2 * 4096.0 * 3584);
  EXPECT_DOUBLE_EQ(named(forward, "scale.shared_output").bytes_written, 2 * 4096.0 * 3584);
  EXPECT_EQ(named(forward, "shared_gate_up").n, 2 * 20480);
  const auto backward = training(model, LayerKind::moe, Pass::input_gradient);
  EXPECT_DOUBLE_EQ(named(backward, "shared_gate_dgrad").flops, 2 * 4096.0 * 3584);
  EXPECT_DOUBLE_EQ(named(backward, "shared_gate_wgrad").flops, 2 * 4096.0 * 3584);
  EXPECT_TRUE(has_class(backward, "scale_backward"));
}

}  // namespace
}  // namespace moesim
