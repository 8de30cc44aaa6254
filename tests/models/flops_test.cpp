#include "models/flops.hpp"

#include <gtest/gtest.h>

#include "models/parameters.hpp"

namespace moesim {
namespace {

double giga(Flops flops) {
  return flops.value() / 1e9;
}

// Published tables, 4,096 tokens a sequence: 249.7 and 280.2 GFLOP a token, about 260.5 with the MTP module.
TEST(TrainingFlops, OfDeepSeekV3) {
  const ModelSpec model = load_model("deepseek-v3");
  EXPECT_NEAR(giga(training_flops_per_token(model, 4096)) / 249.7, 1, 0.005);
  EXPECT_NEAR(giga(training_flops_per_token(model, 4096, false)) / 280.2, 1, 0.005);
  EXPECT_NEAR(giga(training_flops_per_token(model, 4096, true, true)) / 260.5, 1, 0.005);
}

TEST(TrainingFlops, OfDeepSeekV2) {
  EXPECT_NEAR(giga(training_flops_per_token(load_model("deepseek-v2"), 4096)) / 155, 1, 0.005);
}

// The DeepSeekMoE paper prints 74.4 TFLOP for 4 K tokens and counts every (query, key) pair. The released
// experts are 1,408 wide; a quarter of the standard 8/3 x 2048, 1,365, makes 57 M fewer activated parameters:
// 1.4 TFLOP or 1.9 %.
TEST(TrainingFlops, OfDeepSeekMoe16B) {
  const double tera =
      giga(training_flops_per_token(load_model("deepseek-moe-16b"), 4096, false)) * 4096 / 1e3;
  EXPECT_NEAR(tera / 74.4, 1.019, 0.005);
}

// 3 x 2 operations for each multiplied parameter; a query of 128 heads meets 2,048 keys on average, 192 wide
// for scores and 128 for values, in 61 layers, forward once and backward twice.
TEST(TrainingFlops, AreSixTimesTheMultipliedParametersAndTheCore) {
  const ModelSpec model = load_model("deepseek-v3");
  const double core = 3.0 * 61 * 2 * 128 * (192 + 128) * 2048;
  const auto multiplied = static_cast<double>(parameters(model).multiplied());
  EXPECT_DOUBLE_EQ(training_flops_per_token(model, 4096).value(), 6 * multiplied + core);
  EXPECT_DOUBLE_EQ(training_flops_per_token(model, 4096, false).value(), 6 * multiplied + 2 * core);
}

// The module adds an MoE layer, its projection and another pass of the head.
TEST(TrainingFlops, OfAnMtpModule) {
  const ModelSpec model = load_model("deepseek-v3");
  const double added =
      (training_flops_per_token(model, 4096, true, true) - training_flops_per_token(model, 4096)).value();
  const double parameters = static_cast<double>(layer_parameters(model, LayerKind::moe).multiplied()) +
                            2.0 * 7168 * 7168 + 129280.0 * 7168;
  EXPECT_NEAR(added / (6 * parameters + 3.0 * 2 * 128 * 320 * 2048), 1, 1e-12);
}

TEST(TrainingFlops, CountATiedHead) {
  ModelSpec model = load_model("deepseek-v2-lite");
  const Flops untied = training_flops_per_token(model, 4096);
  model.tied_embeddings = true;
  EXPECT_EQ(training_flops_per_token(model, 4096), untied);
}

// (512 + 64) x 61 layers x 2 B.
TEST(KvBytes, OfDeepSeekV3) {
  EXPECT_EQ(kv_bytes_per_token(load_model("deepseek-v3")).value(), 70272);
  EXPECT_EQ(kv_bytes_per_token(load_model("deepseek-v3"), 1).value(), 35136);
}

// 60 layers of 576; 27 of 576; keys and values of 16 heads of 128 in 28 layers.
TEST(KvBytes, OfTheOtherModels) {
  EXPECT_EQ(kv_bytes_per_token(load_model("deepseek-v2")).value(), 60 * 576 * 2);
  EXPECT_EQ(kv_bytes_per_token(load_model("deepseek-v2-lite")).value(), 27 * 576 * 2);
  EXPECT_EQ(kv_bytes_per_token(load_model("deepseek-moe-16b")).value(), 28 * 2 * 16 * 128 * 2);
}

// A query on cached latents: scores 512 + 64 wide and values 512, 1,088 in all.
TEST(AttentionCore, AbsorbedIs1088WideForDeepSeekV3) {
  const ModelSpec model = load_model("deepseek-v3");
  EXPECT_DOUBLE_EQ(absorbed_attention_core_flops(model, 1000).value(), 2.0 * 128 * 1088 * 1000);
  EXPECT_DOUBLE_EQ(attention_core_flops(model, 1000).value(), 2.0 * 128 * 320 * 1000);
  const ModelSpec grouped = load_model("deepseek-moe-16b");
  EXPECT_EQ(absorbed_attention_core_flops(grouped, 1000), attention_core_flops(grouped, 1000));
}

TEST(InferenceFlops, OfDeepSeekV3) {
  const ModelSpec model = load_model("deepseek-v3");
  const ParameterCount count = parameters(model);
  const double table = 129280.0 * 7168;
  const double body = 2 * (static_cast<double>(count.multiplied()) - table);
  // Behind 1,000 cached tokens 512 new ones see 1,256 on average.
  EXPECT_DOUBLE_EQ(prefill_flops_per_token(model, 512, 1000).value(), body + 61 * 2.0 * 128 * 320 * 1256);
  EXPECT_DOUBLE_EQ(decode_flops_per_token(model, 4096).value(),
                   body + 2 * table + 61 * 2.0 * 128 * 1088 * 4096);
}

}  // namespace
}  // namespace moesim
