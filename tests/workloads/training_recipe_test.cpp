#include "workloads/training_recipe.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"

namespace moesim {
namespace {

TrainingRecipe read(const std::string& text) {
  return read_spec<TrainingRecipe>(parse_json(text, "case"), "case");
}

std::string fault(const std::string& text) {
  try {
    read(text);
  } catch (const SpecError& error) {
    return error.pointer;
  }
  return "none";
}

TEST(TrainingRecipe, OfDeepSeekV3IsTheDefault) {
  const Json scenario = read_json_file(find_data("workloads/scenarios/deepseek-v3-pretrain-2048xh800.json"));
  const auto recipe = read_spec<TrainingRecipe>(scenario.at("recipe"), "case");
  EXPECT_EQ(recipe.tokens_per_step(), 62'914'560);  // 15,360 sequences of 4,096 tokens
  EXPECT_EQ(recipe.expert_inputs(), StorageFormat::fp8);
  EXPECT_EQ(recipe.swiglu_inputs(), StorageFormat::fp8);
  EXPECT_EQ(recipe.attention_output(), StorageFormat::e5m6);
  EXPECT_EQ(recipe.moments(), StorageFormat::bf16);
  EXPECT_EQ(recipe.gradients(), StorageFormat::fp32);
  EXPECT_EQ(recipe.memory.ema, EmaPlace::cpu);
}

TEST(TrainingRecipe, FormatsFollowThePrecisionUnlessGiven) {
  const auto bf16 = read(R"({"sequence_length": 8, "global_batch": 4, "precision": "bf16"})");
  EXPECT_EQ(bf16.swiglu_inputs(), StorageFormat::bf16);
  EXPECT_EQ(bf16.attention_output(), StorageFormat::bf16);
  const auto mixed = read(
      R"({"sequence_length": 8, "global_batch": 4, "precision": "fp8", "memory": {"swiglu_inputs": "bf16"}})");
  EXPECT_EQ(mixed.swiglu_inputs(), StorageFormat::bf16);
  EXPECT_EQ(mixed.expert_inputs(), StorageFormat::fp8);
}

TEST(TrainingRecipe, RefusesZeroSizesAndUnknownFormats) {
  EXPECT_EQ(fault(R"({"sequence_length": 0, "global_batch": 4, "precision": "fp8"})"), "/sequence_length");
  EXPECT_EQ(fault(R"({"sequence_length": 8, "global_batch": 0, "precision": "fp8"})"), "/global_batch");
  EXPECT_EQ(fault(R"({"sequence_length": 8, "global_batch": 4, "precision": "fp7"})"), "/precision");
  EXPECT_EQ(
      fault(R"({"sequence_length": 8, "global_batch": 4, "precision": "fp8", "memory": {"moments": "fp8"}})"),
      "/memory/moments");
}

TEST(StorageFormat, BytesIncludeScales) {
  EXPECT_EQ(bytes_per_value(StorageFormat::fp32), 4);
  EXPECT_EQ(bytes_per_value(StorageFormat::bf16), 2);
  EXPECT_EQ(bytes_per_value(StorageFormat::fp8), 1.03125);   // 1 + 4/128
  EXPECT_EQ(bytes_per_value(StorageFormat::e5m6), 1.53125);  // 12 bits + 4/128
}

}  // namespace
}  // namespace moesim
