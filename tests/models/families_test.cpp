// Readers of the families beside DeepSeek's, each on the sizes of a published configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "models/model_spec.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

Json config_of(const std::string& text) {
  Json config = parse_json(text, "config.json");
  config["hidden_act"] = "silu";
  config["tie_word_embeddings"] = false;
  return config;
}

Json llama_config() {  // Llama-3.1-8B
  return config_of(R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "max_position_embeddings": 131072, "vocab_size": 128256, "attention_bias": false, "mlp_bias": false})");
}

Json mixtral_config() {  // Mixtral-8x22B
  return config_of(R"({"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "hidden_size": 6144,
    "intermediate_size": 16384, "num_hidden_layers": 56, "num_attention_heads": 48, "num_key_value_heads": 8,
    "num_local_experts": 8, "num_experts_per_tok": 2, "max_position_embeddings": 65536, "vocab_size": 32000,
    "sliding_window": null})");
}

Json qwen2_config() {  // Qwen2.5-72B
  return config_of(R"({"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": 8192,
    "intermediate_size": 29568, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
    "max_position_embeddings": 131072, "vocab_size": 152064, "use_sliding_window": false})");
}

Json qwen2_moe_config() {  // Qwen2-57B-A14B
  return config_of(R"({"model_type": "qwen2_moe", "architectures": ["Qwen2MoeForCausalLM"],
    "hidden_size": 3584, "intermediate_size": 20480, "moe_intermediate_size": 2560,
    "shared_expert_intermediate_size": 20480, "num_hidden_layers": 28, "num_attention_heads": 28,
    "num_key_value_heads": 4, "num_experts": 64, "num_experts_per_tok": 8, "norm_topk_prob": false,
    "decoder_sparse_step": 1, "mlp_only_layers": [], "max_position_embeddings": 131072,
    "vocab_size": 151936})");
}

Json qwen3_config() {  // Qwen3-32B
  return config_of(R"({"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "hidden_size": 5120,
    "intermediate_size": 25600, "num_hidden_layers": 64, "num_attention_heads": 64, "num_key_value_heads": 8,
    "head_dim": 128, "max_position_embeddings": 40960, "vocab_size": 151936})");
}

Json qwen3_moe_config() {  // Qwen3-235B-A22B
  return config_of(R"({"model_type": "qwen3_moe", "architectures": ["Qwen3MoeForCausalLM"],
    "hidden_size": 4096, "intermediate_size": 12288, "moe_intermediate_size": 1536, "num_hidden_layers": 94,
    "num_attention_heads": 64, "num_key_value_heads": 4, "head_dim": 128, "num_experts": 128,
    "num_experts_per_tok": 8, "norm_topk_prob": true, "decoder_sparse_step": 1, "mlp_only_layers": [],
    "max_position_embeddings": 40960, "vocab_size": 151936})");
}

Json kimi_config() {  // Kimi-K2
  Json config = test::v3_config();
  config.update(config_of(R"({"model_type": "kimi_k2", "first_k_dense_replace": 1, "num_attention_heads": 64,
    "num_key_value_heads": 64, "n_routed_experts": 384, "n_group": 1, "topk_group": 1,
    "routed_scaling_factor": 2.827, "num_nextn_predict_layers": 0, "vocab_size": 163840,
    "max_position_embeddings": 131072})"));
  return config;
}

SpecError error_of(const Json& config) {
  try {
    read_hugging_face_config(config, "config.json");
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << "accepted: " << config.dump();
  return SpecError("", "", "", "");
}

SpecError error_with(Json config, const char* key, const Json& value) {
  config[key] = value;
  return error_of(config);
}

struct FamilyCase {
  const char* name;  ///< of the model in the catalog
  Json (*config)();
  std::vector<const char*> required;
};

const std::vector<const char*> kDecoder{"num_hidden_layers", "hidden_size", "num_attention_heads",
                                        "vocab_size"};

class Families : public testing::TestWithParam<FamilyCase> {};

TEST_P(Families, ReadAPublishedConfigurationAsTheCatalogHasIt) {
  ModelSpec read = read_hugging_face_config(GetParam().config(), "config.json");
  read.name = GetParam().name;
  EXPECT_EQ(write_spec_text(read), write_spec_text(load_model(GetParam().name)));
}

TEST_P(Families, NameWhatIsMissingAndTheRule) {
  std::vector<const char*> keys = kDecoder;
  keys.insert(keys.end(), GetParam().required.begin(), GetParam().required.end());
  for (const char* key : keys) {
    Json config = GetParam().config();
    const std::string family = config["model_type"].get<std::string>();
    config.erase(key);
    const SpecError error = error_of(config);
    EXPECT_EQ(error.pointer, std::string("/") + key);
    EXPECT_EQ(error.what_text, "missing");
    EXPECT_THAT(error.hint, HasSubstr(family + " configurations give"));
  }
}

TEST_P(Families, RefuseOtherActivationsAndBiases) {
  EXPECT_EQ(error_with(GetParam().config(), "hidden_act", "gelu").pointer, "/hidden_act");
  EXPECT_EQ(error_with(GetParam().config(), "attention_bias", true).pointer, "/attention_bias");
  EXPECT_EQ(error_with(GetParam().config(), "mlp_bias", true).pointer, "/mlp_bias");
}

INSTANTIATE_TEST_SUITE_P(
    Published, Families,
    testing::Values(
        FamilyCase{"llama-3.1-8b", llama_config, {"intermediate_size"}},
        FamilyCase{"mixtral-8x22b",
                   mixtral_config,
                   {"num_key_value_heads", "intermediate_size", "num_local_experts", "num_experts_per_tok"}},
        FamilyCase{"qwen2.5-72b", qwen2_config, {"num_key_value_heads", "intermediate_size"}},
        FamilyCase{"qwen2-57b-a14b",
                   qwen2_moe_config,
                   {"num_key_value_heads", "moe_intermediate_size", "shared_expert_intermediate_size",
                    "num_experts", "num_experts_per_tok"}},
        FamilyCase{"qwen3-32b", qwen3_config, {"num_key_value_heads", "head_dim", "intermediate_size"}},
        FamilyCase{"qwen3-235b-a22b",
                   qwen3_moe_config,
                   {"num_key_value_heads", "head_dim", "moe_intermediate_size", "num_experts",
                    "num_experts_per_tok"}},
        FamilyCase{"kimi-k2", kimi_config, {"n_routed_experts", "kv_lora_rank", "n_group"}}),
    [](const auto& info) { return info.param.config()["model_type"].template get<std::string>(); });

TEST(Llama, GivesEveryHeadItsOwnKeysWithoutNumKeyValueHeads) {
  Json config = llama_config();
  config.erase("num_key_value_heads");
  EXPECT_EQ(read_hugging_face_config(config, "config.json").num_kv_heads, 32);
}

TEST(Llama, TiesEmbeddingsAndTakesAHeadWidthWhereGiven) {
  Json config = llama_config();
  config["tie_word_embeddings"] = true;  // Llama 3.2 1B and 3B
  config["head_dim"] = 64;
  const ModelSpec model = read_hugging_face_config(config, "config.json");
  EXPECT_TRUE(model.tied_embeddings);
  EXPECT_EQ(model.head_dim, 64);
}

TEST(DenseFamilies, RefuseExpertsAndLatentAttention) {
  for (Json (*config)() : {llama_config, qwen2_config, qwen3_config}) {
    const SpecError error = error_with(config(), "num_local_experts", 8);
    EXPECT_EQ(error.pointer, "/num_local_experts");
    EXPECT_THAT(error.hint, HasSubstr("every layer is dense"));
    EXPECT_EQ(error_with(config(), "kv_lora_rank", 512).pointer, "/kv_lora_rank");
  }
}

TEST(Mixtral, RefusesAWindowThatHidesTokens) {
  const SpecError error = error_with(mixtral_config(), "sliding_window", 4096);
  EXPECT_EQ(error.pointer, "/sliding_window");
  EXPECT_THAT(error.what_text, HasSubstr("4096"));
  Json config = mixtral_config();
  config["sliding_window"] = 65536;
  EXPECT_EQ(read_hugging_face_config(config, "config.json").num_experts, 8);
}

TEST(Mixtral, NamesContradictionsByItsOwnFields) {
  EXPECT_EQ(error_with(mixtral_config(), "num_experts_per_tok", 9).pointer, "/num_experts_per_tok");
  EXPECT_EQ(error_with(mixtral_config(), "num_key_value_heads", 7).pointer, "/num_key_value_heads");
  EXPECT_EQ(error_with(mixtral_config(), "num_attention_heads", 50).pointer, "/num_attention_heads");
}

TEST(Qwen, RefusesAWindowOfSomeLayers) {
  for (Json (*config)() : {qwen2_config, qwen2_moe_config, qwen3_config, qwen3_moe_config}) {
    Json windowed = config();
    windowed["use_sliding_window"] = true;
    windowed["max_window_layers"] = 20;
    EXPECT_EQ(error_of(windowed).pointer, "/use_sliding_window");
    windowed["max_window_layers"] = 94;  // no layer has one
    EXPECT_GT(read_hugging_face_config(windowed, "config.json").num_layers, 0);
  }
}

TEST(QwenMoe, ReadsDenseLayersBeforeTheOthers) {
  Json config = qwen3_moe_config();
  config["mlp_only_layers"] = {1, 0};
  const ModelSpec model = read_hugging_face_config(config, "config.json");
  EXPECT_EQ(model.num_dense_layers, 2);
  EXPECT_EQ(model.dense_intermediate, 12288);
  config.erase("intermediate_size");
  EXPECT_EQ(error_of(config).pointer, "/intermediate_size");
}

TEST(QwenMoe, RefusesDenseLayersAmongTheOthers) {
  const SpecError among = error_with(qwen3_moe_config(), "mlp_only_layers", {0, 5});
  EXPECT_EQ(among.pointer, "/mlp_only_layers");
  EXPECT_THAT(among.hint, HasSubstr("decoder_sparse_step divides n + 1"));
  const SpecError step = error_with(qwen2_moe_config(), "decoder_sparse_step", 2);
  EXPECT_EQ(step.pointer, "/decoder_sparse_step");
  EXPECT_THAT(step.hint, HasSubstr("mlp_only_layers"));
  EXPECT_EQ(error_with(qwen3_moe_config(), "mlp_only_layers", {94}).what_text, "there is no layer 94");
  EXPECT_EQ(error_with(qwen3_moe_config(), "mlp_only_layers", {-1}).pointer, "/mlp_only_layers/0");
  EXPECT_EQ(error_with(qwen3_moe_config(), "mlp_only_layers", 3).what_text, "not a list");
}

TEST(QwenMoe, RefusesASharedExpertThatRoutedOnesDoNotDivide) {
  EXPECT_EQ(error_with(qwen2_moe_config(), "shared_expert_intermediate_size", 2561).pointer,
            "/shared_expert_intermediate_size");
  EXPECT_EQ(error_with(qwen3_moe_config(), "shared_expert_intermediate_size", 1536).pointer,
            "/shared_expert_intermediate_size");
}

}  // namespace
}  // namespace moesim
