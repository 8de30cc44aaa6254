#include <gtest/gtest.h>

#include "models/operators.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

using test::named;
using test::serving_context;
using test::training_context;

// 4,096 queries see 2,048 keys on average; scores 192 wide, values 128.
TEST(AttentionCore, IsCausalInTraining) {
  const ModelSpec model = load_model("deepseek-v3");
  const Operator op =
      named(layer_operators(model, LayerKind::moe, Pass::forward, training_context(model)), "attention_core");
  EXPECT_DOUBLE_EQ(op.flops, 2 * 4096.0 * 2048 * 128 * 320);
  EXPECT_DOUBLE_EQ(op.bytes_read, 2 * 4096.0 * 128 * (192 + 192 + 128));
  EXPECT_DOUBLE_EQ(op.bytes_written, 2 * 4096.0 * 128 * 128 + 4 * 4096.0 * 128);  // and FP32 row sums
  EXPECT_EQ(op.heads, 128);
  EXPECT_EQ(op.qk_dim, 192);
  EXPECT_EQ(op.v_dim, 128);
  EXPECT_DOUBLE_EQ(op.sequences, 1);
}

// Five products: scores, dQ and dK 192 wide, dP and dV 128 wide. The convention counts twice the forward.
TEST(AttentionCore, ComputesScoresAgainBackward) {
  const ModelSpec model = load_model("deepseek-v3");
  const Operator op =
      named(layer_operators(model, LayerKind::moe, Pass::input_gradient, training_context(model)),
            "attention_core_dgrad");
  EXPECT_DOUBLE_EQ(op.flops, 2 * 4096.0 * 2048 * 128 * (3 * 192 + 2 * 128));
  EXPECT_DOUBLE_EQ(op.model_flops, 2 * 2 * 4096.0 * 2048 * 128 * 320);
}

// Decode attends on the cache: one KV head 512 + 64 wide for scores and 512 for values, 1,088 in all; each of
// 128 sequences reads 4,096 cached rows once.
TEST(AttentionCore, IsAbsorbedInDecode) {
  const ModelSpec model = load_model("deepseek-v3");
  const auto operators =
      layer_operators(model, LayerKind::moe, Pass::decode, serving_context(model, 128, 1, 4095));
  const Operator op = named(operators, "attention_core_absorbed");
  EXPECT_EQ(op.qk_dim + op.v_dim, 1088);
  EXPECT_EQ(op.kv_heads, 1);
  EXPECT_EQ(op.kv_tokens, 4096);
  EXPECT_DOUBLE_EQ(op.flops, 2 * 128.0 * 128 * 1088 * 4096);
  EXPECT_DOUBLE_EQ(op.bytes_read, 2 * 128.0 * 576 * (4096 + 128));  // cache and queries
  EXPECT_EQ(named(operators, "mla_k_absorb").groups, 128);
  EXPECT_DOUBLE_EQ(named(operators, "mla_k_absorb").flops, 2 * 128.0 * 128 * 128 * 512);
  EXPECT_DOUBLE_EQ(named(operators, "mla_v_absorb").flops, 2 * 128.0 * 128 * 512 * 128);
  EXPECT_FALSE(test::has_class(operators, "kv_up"));
}

// Two speculative tokens behind 100: the first sees 101, the second 102.
TEST(AttentionCore, CountsEachOfAFewNewTokensInDecode) {
  const ModelSpec model = load_model("deepseek-v3");
  const auto operators =
      layer_operators(model, LayerKind::moe, Pass::decode, serving_context(model, 1, 2, 100));
  EXPECT_DOUBLE_EQ(named(operators, "attention_core_absorbed").flops, 2 * 128.0 * 1088 * (101 + 102));
}

// Expanding P cached rows costs 2 P 512 x 256 operations a head; the absorbed form costs 1,088 - 320 = 768
// more a (query, key) pair: 2 q (P + q / 2) 768. At P = 8,192 the latter is less for 128 queries, not for
// 512.
TEST(Prefill, IsAbsorbedForAFewTokensBehindALongCache) {
  const ModelSpec model = load_model("deepseek-v3");
  const auto operators = [&](std::int64_t query) {
    return layer_operators(model, LayerKind::moe, Pass::prefill, serving_context(model, 1, query, 8192));
  };
  EXPECT_TRUE(test::has_class(operators(128), "attention_core_absorbed"));
  EXPECT_TRUE(test::has_class(operators(512), "attention_core"));
  EXPECT_EQ(named(operators(512), "kv_up").m, 8192 + 512);
}

TEST(Prefill, DownProjectsQueriesAndKeysTogether) {
  const ModelSpec model = load_model("deepseek-v3");
  const auto operators =
      layer_operators(model, LayerKind::moe, Pass::prefill, serving_context(model, 1, 512, 0));
  EXPECT_EQ(named(operators, "qkv_down").n, 1536 + 576);
}

}  // namespace
}  // namespace moesim
