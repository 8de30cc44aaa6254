#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "models/model_spec.hpp"
#include "models/parameters.hpp"
#include "tests/models/models.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SpecError error_of(const std::string& name, const std::string& file = "", const std::string& pointer = "") {
  try {
    load_model(name, file, pointer);
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << name << " was found";
  return SpecError("", "", "", "");
}

SpecError compact_error(const std::string& pointer, const Json& value) {
  Json document = write_spec(load_model("deepseek-v3"));
  document[Json::json_pointer(pointer)] = value;
  try {
    read_model(document, "model.json");
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << pointer << " = " << value.dump() << " was accepted";
  return SpecError("", "", "", "");
}

TEST(Catalog, HoldsTheModelsThatPeopleCompare) {
  EXPECT_THAT(catalog_names(),
              ElementsAre("deepseek-67b", "deepseek-7b", "deepseek-moe-142b", "deepseek-moe-145b",
                          "deepseek-moe-16b", "deepseek-moe-2b", "deepseek-r1",
                          "deepseek-r1-distill-llama-70b", "deepseek-r1-distill-llama-8b",
                          "deepseek-r1-distill-qwen-1.5b", "deepseek-r1-distill-qwen-14b",
                          "deepseek-r1-distill-qwen-32b", "deepseek-r1-distill-qwen-7b", "deepseek-v2",
                          "deepseek-v2-lite", "deepseek-v3", "gshard-137b", "gshard-2b", "kimi-k2",
                          "llama-3.1-405b", "llama-3.1-70b", "llama-3.1-8b", "llama2-7b", "llama3-8x70b",
                          "mixtral-8x22b", "mixtral-8x7b", "qwen1.5-110b", "qwen2-57b-a14b", "qwen2.5-72b",
                          "qwen3-235b-a22b", "qwen3-30b-a3b", "qwen3-32b", "switch-2b"));
}

TEST(Catalog, NamesEveryModelAsItsFile) {
  for (const std::string& name : catalog_names()) {
    EXPECT_EQ(load_model(name).name, name);
    EXPECT_FALSE(find_issue(load_model(name))) << name;
  }
}

// Distilled models keep the architecture of what they start from: Llama 3.1 and 3.3.
TEST(Catalog, GivesDistilledLlamasTheShapeOfLlama) {
  for (const char* size : {"8b", "70b"}) {
    ModelSpec distilled = load_model(std::string("deepseek-r1-distill-llama-") + size);
    distilled.name = std::string("llama-3.1-") + size;
    EXPECT_EQ(distilled, load_model(distilled.name));
  }
}

// Each of eight experts begins as the feed-forward part of Llama 3 70B.
TEST(Catalog, GivesTheUpcycledModelLlamasSizes) {
  const ModelSpec upcycled = load_model("llama3-8x70b"), llama = load_model("llama-3.1-70b");
  EXPECT_EQ(upcycled.expert_intermediate, llama.dense_intermediate);
  EXPECT_EQ(layer_parameters(upcycled, LayerKind::moe).attention,
            layer_parameters(llama, LayerKind::dense).attention);
  EXPECT_EQ(upcycled.num_moe_layers(), 80);
}

// R1 is V3 after post-training.
TEST(Catalog, GivesR1TheShapeOfV3) {
  ModelSpec r1 = load_model("deepseek-r1");
  r1.name = "deepseek-v3";
  EXPECT_EQ(r1, load_model("deepseek-v3"));
}

struct Published {
  const char* name;
  const char* config;
};

class CatalogEntry : public testing::TestWithParam<Published> {};

TEST_P(CatalogEntry, IsWhatTheReaderGivesForThePublishedConfiguration) {
  const auto path = test::shared_data(std::string("models/") + GetParam().config);
  if (!path)
    GTEST_SKIP() << "no reference data: " << GetParam().config << " is not under ../shared/data/models";
  ModelSpec read = read_hugging_face_config(read_json_file(*path), path->string());
  read.name = GetParam().name;
  EXPECT_EQ(write_spec_text(read), write_spec_text(load_model(GetParam().name)));
}

INSTANTIATE_TEST_SUITE_P(
    Models, CatalogEntry,
    testing::Values(Published{"deepseek-v3", "DeepSeek-V3.config.json"},
                    Published{"deepseek-r1", "DeepSeek-R1.config.json"},
                    Published{"deepseek-v2", "DeepSeek-V2.config.json"},
                    Published{"deepseek-v2-lite", "DeepSeek-V2-Lite.config.json"},
                    Published{"deepseek-moe-16b", "deepseek-moe-16b-base.config.json"},
                    Published{"kimi-k2", "Kimi-K2-Instruct.config.json"},
                    Published{"mixtral-8x7b", "Mixtral-8x7B-v0.1.config.json"},
                    Published{"mixtral-8x22b", "Mixtral-8x22B-v0.1.config.json"},
                    Published{"qwen3-30b-a3b", "Qwen3-30B-A3B.config.json"},
                    Published{"qwen3-235b-a22b", "Qwen3-235B-A22B.config.json"},
                    Published{"qwen3-32b", "Qwen3-32B.config.json"},
                    Published{"llama-3.1-8b", "Meta-Llama-3.1-8B.config.json"},
                    Published{"llama-3.1-70b", "Meta-Llama-3.1-70B.config.json"},
                    Published{"llama-3.1-405b", "Meta-Llama-3.1-405B.config.json"},
                    Published{"deepseek-r1-distill-llama-70b", "DeepSeek-R1-Distill-Llama-70B.config.json"},
                    Published{"deepseek-r1-distill-qwen-32b", "DeepSeek-R1-Distill-Qwen-32B.config.json"}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
      return name;
    });

TEST(LoadModel, NamesTheNearestOfAMistypedName) {
  const SpecError error = error_of("deepsek-v3", "scenario.json", "/model");
  EXPECT_EQ(error.file, "scenario.json");
  EXPECT_EQ(error.pointer, "/model");
  EXPECT_EQ(error.what_text, "no model is called \"deepsek-v3\"");
  EXPECT_EQ(error.hint, "did you mean \"deepseek-v3\"?");
}

TEST(LoadModel, ListsWhatThereIsWhereNothingIsNear) {
  EXPECT_THAT(error_of("gpt").hint, HasSubstr("deepseek-moe-2b, deepseek-r1"));
}

TEST(LoadModel, ReadsAPathBesideTheFileThatNamesIt) {
  const test::OwnFile small("small.json");
  const std::filesystem::path folder = small.path().parent_path();
  write_file_atomically(small.path(), write_spec_text(load_model("deepseek-v2-lite")));
  EXPECT_EQ(load_model(small.path().filename().string(), (folder / "scenario.json").string()),
            load_model("deepseek-v2-lite"));
  EXPECT_THROW(load_model("absent.json", (folder / "scenario.json").string()), SpecError);
}

TEST(CompactModel, IsWrittenAndReadBack) {
  const ModelSpec model = load_model("deepseek-v2");
  EXPECT_EQ(read_model(write_spec(model), "model.json"), model);
}

TEST(CompactModel, RefusesWhatContradictsItself) {
  EXPECT_EQ(compact_error("/num_layers", 513).hint, "give at most 512");
  EXPECT_EQ(compact_error("/num_dense_layers", 62).pointer, "/num_dense_layers");
  EXPECT_EQ(compact_error("/dense_intermediate", 0).pointer, "/dense_intermediate");
  EXPECT_EQ(compact_error("/mla/v_head", 0).pointer, "/mla");
  EXPECT_EQ(compact_error("/mla/kv_lora_rank", 0).pointer, "/head_dim");  // then heads need a width
  EXPECT_EQ(compact_error("/num_experts", 0).pointer, "/num_experts");
  EXPECT_EQ(compact_error("/top_k", 257).pointer, "/top_k");
  EXPECT_EQ(compact_error("/random_second", true).pointer, "/random_second");  // with top-8
  EXPECT_EQ(compact_error("/qkv_bias", true).pointer, "/qkv_bias");            // with MLA
  EXPECT_EQ(compact_error("/qk_norm", true).pointer, "/qk_norm");
  EXPECT_EQ(compact_error("/num_groups", 7).pointer, "/num_groups");
  EXPECT_EQ(compact_error("/topk_groups", 9).pointer, "/topk_groups");
  EXPECT_EQ(compact_error("/top_k", 129).pointer, "/topk_groups");  // four groups hold 128 experts
  EXPECT_THAT(compact_error("/family", "deepseek_v4").hint, HasSubstr("deepseek_v"));
}

// Parameters are counted in 64 bits; every part of the product below alone is within its limits.
TEST(CompactModel, RefusesMoreParametersThanCanBeCounted) {
  Json document = write_spec(load_model("deepseek-v3"));
  document["num_layers"] = 512;
  document["num_heads"] = 65536;
  document["hidden"] = 1;
  document["mla"] = {{"q_lora_rank", 0},
                     {"kv_lora_rank", 1 << 20},
                     {"qk_nope", 1 << 20},
                     {"qk_rope", 1},
                     {"v_head", 1 << 20}};
  try {
    read_model(document, "model.json");
    ADD_FAILURE() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, "/num_layers");
    EXPECT_THAT(error.what_text, HasSubstr("1e17 parameters"));
  }
}

}  // namespace
}  // namespace moesim
