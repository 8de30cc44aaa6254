#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "models/hugging_face.hpp"
#include "models/model_spec.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

using test::v3_config;
using testing::AllOf;
using testing::HasSubstr;

Json v2_config() {
  Json config = v3_config();
  config["architectures"] = {"DeepseekV2ForCausalLM"};
  config["model_type"] = "deepseek_v2";
  config["topk_method"] = "group_limited_greedy";
  config["scoring_func"] = "softmax";
  config["topk_group"] = 3;
  config.erase("num_nextn_predict_layers");
  return config;
}

Json moe_16b_config() {
  Json config = v3_config();
  config["architectures"] = {"DeepseekForCausalLM"};
  config["model_type"] = "deepseek";
  config["scoring_func"] = "softmax";
  for (const char* key : {"q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim",
                          "n_group", "topk_group", "topk_method", "num_nextn_predict_layers"}) {
    config.erase(key);
  }
  return config;
}

ModelSpec read(const Json& config) {
  return read_hugging_face_config(config, "DeepSeek-V3/config.json");
}

SpecError error_of(const Json& config) {
  try {
    read(config);
  } catch (const SpecError& error) {
    EXPECT_EQ(error.file, "DeepSeek-V3/config.json");
    return error;
  }
  ADD_FAILURE() << "accepted: " << config.dump();
  return SpecError("", "", "", "");
}

SpecError error_with(Json config, const char* key, const Json& value) {
  config[key] = value;
  return error_of(config);
}

SpecError error_without(Json config, const char* key) {
  config.erase(key);
  return error_of(config);
}

TEST(HuggingFace, ReadsDeepSeekV3) {
  EXPECT_EQ(read(v3_config()), load_model("deepseek-v3"));
}

TEST(HuggingFace, ReadsDeepSeekV2) {
  const ModelSpec model = read(v2_config());
  EXPECT_EQ(model.family, "deepseek_v2");
  EXPECT_EQ(model.scoring, Scoring::softmax);
  EXPECT_EQ(model.group_score, GroupScore::best);
  EXPECT_EQ(model.num_groups, 8);
  EXPECT_EQ(model.topk_groups, 3);
  EXPECT_FALSE(model.gate_bias);
  EXPECT_EQ(model.mtp_depth, 0);
}

TEST(HuggingFace, GivesNoGroupsToAGreedyGate) {
  Json config = v2_config();
  config["topk_method"] = "greedy";
  config["q_lora_rank"] = nullptr;  // as in V2-Lite
  const ModelSpec model = read(config);
  EXPECT_EQ(model.group_score, GroupScore::none);
  EXPECT_EQ(model.num_groups, 1);
  EXPECT_EQ(model.mla.q_lora_rank, 0);
}

TEST(HuggingFace, ReadsGroupedQueryAttention) {
  Json config = moe_16b_config();
  config["num_key_value_heads"] = 8;
  const ModelSpec model = read(config);
  EXPECT_EQ(model.family, "deepseek");
  EXPECT_FALSE(model.uses_mla());
  EXPECT_EQ(model.head_dim, 56);  // 7168 / 128
  EXPECT_EQ(model.num_kv_heads, 8);
  config.erase("num_key_value_heads");
  EXPECT_EQ(read(config).num_kv_heads, 128);
}

TEST(HuggingFace, KnowsAFamilyByItsArchitectureAlone) {
  Json config = v3_config();
  config.erase("model_type");
  EXPECT_EQ(read(config).family, "deepseek_v3");
}

TEST(HuggingFace, TakesTheNameFromTheFile) {
  EXPECT_EQ(read_hugging_face_config(v3_config(), "a/DeepSeek-V3.config.json").name, "deepseek-v3");
  EXPECT_EQ(read_hugging_face_config(v3_config(), "a/DeepSeek-V3/config.json").name, "deepseek-v3");
  EXPECT_EQ(read_hugging_face_config(v3_config(), "config.json").name, "model");
}

// Of the keys that no reader asks for, those with a known meaning are told apart from the others.
TEST(HuggingFaceImport, TellsWhatItDidNotUse) {
  Json config = v3_config();
  config["torch_dtype"] = "bfloat16";
  config["window_of_tomorrow"] = 7;
  const HuggingFaceModel model = import_hugging_face_config(config, "DeepSeek-V3/config.json");
  EXPECT_EQ(model.spec, load_model("deepseek-v3"));
  std::vector<std::string> ignored;
  for (const auto& [key, reason] : model.ignored) {
    ignored.push_back(key);
    EXPECT_EQ(reason, reason_to_ignore(key));
    EXPECT_FALSE(reason.empty()) << key;
  }
  EXPECT_EQ(ignored, (std::vector<std::string>{"num_key_value_heads", "rope_theta", "torch_dtype"}));
  EXPECT_EQ(model.unknown, std::vector<std::string>{"window_of_tomorrow"});
}

TEST(HuggingFaceImport, KnowsEveryKeyOfPublishedConfigurations) {
  for (const char* name : {"DeepSeek-V3", "DeepSeek-V2", "DeepSeek-V2-Lite", "Kimi-K2-Instruct",
                           "Mixtral-8x22B-v0.1", "Qwen3-235B-A22B", "Qwen3-32B", "Meta-Llama-3.1-405B",
                           "DeepSeek-R1-Distill-Qwen-32B", "deepseek-moe-16b-base"}) {
    const auto path = test::shared_data(std::string("models/") + name + ".config.json");
    if (!path) GTEST_SKIP() << "no reference data: " << name << " is not under ../shared/data/models";
    EXPECT_EQ(import_hugging_face_config(read_json_file(*path), path->string()).unknown,
              std::vector<std::string>{})
        << name;
  }
}

TEST(HuggingFaceErrors, NameTheNearestFamily) {
  const SpecError error = error_with(v3_config(), "model_type", "deepseekv3");
  EXPECT_EQ(error.pointer, "/model_type");
  EXPECT_EQ(error.what_text, "unsupported model type deepseekv3 (DeepseekV3ForCausalLM)");
  EXPECT_THAT(error.hint, HasSubstr("did you mean deepseek_v3?"));
}

TEST(HuggingFaceErrors, ListTheFamiliesWhereNoneIsNear) {
  Json config = v3_config();
  config["model_type"] = "gpt_oss";
  config["architectures"] = {"GptOssForCausalLM"};
  EXPECT_EQ(error_of(config).hint,
            "supported: deepseek_v3 (DeepseekV3ForCausalLM), deepseek_v2 (DeepseekV2ForCausalLM), deepseek "
            "(DeepseekForCausalLM), kimi_k2 (DeepseekV3ForCausalLM), llama (LlamaForCausalLM), mixtral "
            "(MixtralForCausalLM), qwen2 (Qwen2ForCausalLM), qwen2_moe (Qwen2MoeForCausalLM), qwen3 "
            "(Qwen3ForCausalLM), qwen3_moe (Qwen3MoeForCausalLM)");
  config.erase("model_type");
  EXPECT_EQ(error_of(config).pointer, "/architectures/0");
  config.erase("architectures");
  EXPECT_EQ(error_of(config).pointer, "/model_type");
  EXPECT_EQ(error_of(Json::array()).what_text, "not an object");
}

TEST(HuggingFaceErrors, RefuseSparseAttention) {
  EXPECT_EQ(error_with(v3_config(), "index_topk", 2048).pointer, "/index_topk");
  EXPECT_EQ(error_with(v3_config(), "model_type", "deepseek_v32").pointer, "/model_type");
}

TEST(HuggingFaceErrors, NameWhatIsMissingAndWhatItIs) {
  for (const char* key :
       {"num_hidden_layers", "hidden_size", "num_attention_heads", "kv_lora_rank", "qk_nope_head_dim",
        "qk_rope_head_dim", "v_head_dim", "intermediate_size", "moe_intermediate_size", "n_routed_experts",
        "num_experts_per_tok", "n_group", "topk_group", "vocab_size"}) {
    const SpecError error = error_without(v3_config(), key);
    EXPECT_EQ(error.pointer, std::string("/") + key);
    EXPECT_EQ(error.what_text, "missing");
    EXPECT_THAT(error.hint, HasSubstr("deepseek_v3 configurations give"));
  }
  EXPECT_EQ(error_with(v3_config(), "hidden_size", nullptr).what_text, "missing");
}

TEST(HuggingFaceErrors, NameWhatIsMistyped) {
  EXPECT_EQ(error_with(v3_config(), "hidden_size", "7168").what_text, "not an integer");
  EXPECT_EQ(error_with(v3_config(), "hidden_size", 7168.5).pointer, "/hidden_size");
  EXPECT_EQ(error_with(v3_config(), "norm_topk_prob", 1).what_text, "neither true nor false");
  EXPECT_EQ(error_with(v3_config(), "routed_scaling_factor", "2.5").pointer, "/routed_scaling_factor");
  EXPECT_EQ(error_with(v3_config(), "routed_scaling_factor", -1).pointer, "/routed_scaling_factor");
  EXPECT_EQ(error_with(v3_config(), "scoring_func", 3).what_text, "not a text");
}

TEST(HuggingFaceErrors, NameSizesOutOfRange) {
  for (const char* key :
       {"num_hidden_layers", "hidden_size", "num_attention_heads", "kv_lora_rank", "v_head_dim",
        "moe_intermediate_size", "n_routed_experts", "num_experts_per_tok", "vocab_size"}) {
    for (const Json& value : {Json(0), Json(-1), Json(18446744073709551615U)}) {
      const SpecError error = error_with(v3_config(), key, value);
      EXPECT_EQ(error.pointer, std::string("/") + key);
      EXPECT_THAT(error.what_text, AllOf(HasSubstr(value.dump()), HasSubstr("out of range")));
    }
  }
}

TEST(HuggingFaceErrors, NameWhatContradictsItself) {
  EXPECT_EQ(error_with(v3_config(), "num_experts_per_tok", 257).pointer, "/num_experts_per_tok");
  EXPECT_EQ(error_with(v3_config(), "n_group", 7).pointer, "/n_group");
  EXPECT_EQ(error_with(v3_config(), "topk_group", 9).pointer, "/topk_group");
  EXPECT_EQ(error_with(v3_config(), "num_experts_per_tok", 129).pointer, "/topk_group");
  EXPECT_EQ(error_with(v3_config(), "first_k_dense_replace", 62).pointer, "/first_k_dense_replace");
  EXPECT_EQ(error_with(moe_16b_config(), "num_key_value_heads", 3).pointer, "/num_key_value_heads");
  EXPECT_EQ(error_with(moe_16b_config(), "num_attention_heads", 100).pointer, "/num_attention_heads");
}

TEST(HuggingFaceErrors, RefuseWhatTheFamilyDoesNotHave) {
  EXPECT_EQ(error_with(v3_config(), "hidden_act", "gelu").pointer, "/hidden_act");
  EXPECT_EQ(error_with(v3_config(), "moe_layer_freq", 2).pointer, "/moe_layer_freq");
  EXPECT_EQ(error_with(v3_config(), "scoring_func", "softmax").pointer, "/scoring_func");
  EXPECT_EQ(error_with(v3_config(), "topk_method", "greedy").pointer, "/topk_method");
  EXPECT_EQ(error_with(v2_config(), "scoring_func", "sigmoid").pointer, "/scoring_func");
  EXPECT_EQ(error_with(v2_config(), "topk_method", "noaux_tc").pointer, "/topk_method");
  EXPECT_EQ(error_with(moe_16b_config(), "scoring_func", "sigmoid").pointer, "/scoring_func");
  EXPECT_EQ(error_with(moe_16b_config(), "kv_lora_rank", 512).pointer, "/kv_lora_rank");
  EXPECT_EQ(error_with(v3_config(), "attention_bias", true).pointer, "/attention_bias");
}

// Each of these alone is a valid width.
TEST(HuggingFaceErrors, RefuseMoreParametersThanCanBeCounted) {
  Json config = v3_config();
  config["hidden_size"] = 1;
  config["num_attention_heads"] = 65536;
  config["kv_lora_rank"] = 67108864;
  config["v_head_dim"] = 1048576;
  EXPECT_THAT(error_of(config).what_text, HasSubstr("1e17 parameters"));
}

// Its indexer picks the keys that a query sees.
TEST(HuggingFaceErrors, RefuseDeepSeekV32) {
  const auto path = test::shared_data("models/DeepSeek-V3.2.config.json");
  if (!path) GTEST_SKIP() << "no reference data: DeepSeek-V3.2 is not under ../shared/data/models";
  try {
    read_model(read_json_file(*path), path->string());
    ADD_FAILURE() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_THAT(error.what_text, HasSubstr("sparse attention"));
  }
}

TEST(HuggingFaceErrors, NameAnArchitectureThatContradictsTheModelType) {
  const SpecError error = error_with(v3_config(), "architectures", {"MixtralForCausalLM"});
  EXPECT_EQ(error.pointer, "/architectures/0");
  EXPECT_EQ(error.hint, "deepseek_v3 models are DeepseekV3ForCausalLM");
}

}  // namespace
}  // namespace moesim
