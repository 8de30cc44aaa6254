#include "models/parameters.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

/// Billions, as papers print them.
double billions(std::int64_t count) {
  return static_cast<double>(count) / 1e9;
}

struct Published {
  const char* name;
  double total;      ///< billions
  double activated;  ///< billions
};

class PublishedParameters : public testing::TestWithParam<Published> {};

// Printed to whole billions (V2-Lite and MoE-16B to a tenth): within half of the last digit, 0.05 more where
// the publication counts the embedding table as activated.
TEST_P(PublishedParameters, AreCounted) {
  const ParameterCount count = parameters(load_model(GetParam().name));
  EXPECT_NEAR(billions(count.total()), GetParam().total, 0.5);
  EXPECT_NEAR(billions(count.activated()), GetParam().activated, 0.5);
}

INSTANTIATE_TEST_SUITE_P(Models, PublishedParameters,
                         testing::Values(Published{"deepseek-v3", 671, 37}, Published{"deepseek-r1", 671, 37},
                                         Published{"deepseek-v2", 236, 21},
                                         Published{"deepseek-v2-lite", 15.7, 2.4},
                                         Published{"deepseek-moe-16b", 16.4, 2.8}));

// MLA of DeepSeek-V3: q_down 7168 x 1536, q_up 1536 x 128 x 192, kv_down 7168 x 576, kv_up 512 x 128 x 256,
// o_proj 128 x 128 x 7168.
TEST(LayerParameters, OfDeepSeekV3) {
  const ModelSpec model = load_model("deepseek-v3");
  const ParameterCount moe = layer_parameters(model, LayerKind::moe);
  EXPECT_EQ(moe.attention, 7168LL * 1536 + 1536 * 24576 + 7168 * 576 + 512 * 32768 + 16384 * 7168);
  EXPECT_EQ(moe.routed_experts, 256LL * 3 * 7168 * 2048);
  EXPECT_EQ(moe.routed_activated, 8LL * 3 * 7168 * 2048);
  EXPECT_EQ(moe.shared_experts, 3LL * 7168 * 2048);
  EXPECT_EQ(moe.gate, 256LL * 7168);
  EXPECT_EQ(moe.gate_bias, 256);
  EXPECT_EQ(moe.norm, 2 * 7168 + 1536 + 512);
  EXPECT_EQ(moe.dense_ffn, 0);
  const ParameterCount dense = layer_parameters(model, LayerKind::dense);
  EXPECT_EQ(dense.attention, moe.attention);
  EXPECT_EQ(dense.dense_ffn, 3LL * 7168 * 18432);
  EXPECT_EQ(dense.routed_experts + dense.shared_experts + dense.gate + dense.gate_bias, 0);
}

// V2-Lite has no low-rank queries: one projection 2048 x 16 x 192.
TEST(LayerParameters, OfMlaWithoutQueryLatent) {
  const ParameterCount layer = layer_parameters(load_model("deepseek-v2-lite"), LayerKind::moe);
  EXPECT_EQ(layer.attention, 2048LL * 3072 + 2048 * 576 + 512 * 16 * 256 + 16 * 128 * 2048);
  EXPECT_EQ(layer.norm, 2 * 2048 + 512);
  EXPECT_EQ(layer.shared_experts, 2LL * 3 * 2048 * 1408);
}

TEST(LayerParameters, OfGroupedQueryAttention) {
  ModelSpec model = load_model("deepseek-moe-16b");
  EXPECT_EQ(layer_parameters(model, LayerKind::moe).attention, 4LL * 2048 * 2048);  // 16 heads of 128
  model.num_kv_heads = 4;
  EXPECT_EQ(layer_parameters(model, LayerKind::moe).attention, 2LL * 2048 * 2048 + 2LL * 2048 * 4 * 128);
}

TEST(Parameters, AreTheSumOfLayersAndEnds) {
  const ModelSpec model = load_model("deepseek-v3");
  const std::int64_t layers = 3 * layer_parameters(model, LayerKind::dense).total() +
                              58 * layer_parameters(model, LayerKind::moe).total();
  const std::int64_t table = 129280LL * 7168;
  EXPECT_EQ(parameters(model).total(), layers + 2 * table + 7168);
  EXPECT_EQ(parameters(model).multiplied() + parameters(model).norm + parameters(model).gate_bias,
            parameters(model).activated());
}

TEST(Parameters, CountATiedTableOnce) {
  ModelSpec model = load_model("deepseek-v2-lite");
  const std::int64_t untied = parameters(model).total();
  model.tied_embeddings = true;
  EXPECT_EQ(untied - parameters(model).total(), model.vocabulary * model.hidden);
}

// An MoE layer, 2 x 7168 -> 7168 and three norms; published as 11.5 B of its own (weights of DeepSeek-V3).
TEST(Parameters, OfAnMtpModuleExcludeWhatItShares) {
  const ModelSpec model = load_model("deepseek-v3");
  const ParameterCount count = parameters(model);
  EXPECT_EQ(count.mtp, layer_parameters(model, LayerKind::moe).total() + 2LL * 7168 * 7168 + 3 * 7168);
  EXPECT_NEAR(billions(count.mtp), 11.5, 0.15);
  EXPECT_EQ(parameters(load_model("deepseek-v2")).mtp, 0);
}

}  // namespace
}  // namespace moesim
