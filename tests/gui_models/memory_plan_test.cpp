#include "gui/models/memory_plan.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moesim::gui {
namespace {

TEST(MemoryPlanTest, ResultsKnowTotalsByStage) {
  const Json result =
      Json::parse(R"({"summary": {"memory_per_gpu_B": {"max": 72e9, "by_stage": [70e9, 72e9]}}})");
  const MemoryPicture picture = memoryOfResult(result);
  ASSERT_EQ(picture.columns.size(), 2);
  EXPECT_EQ(picture.columns[1].name, QStringLiteral("1"));
  EXPECT_EQ(picture.columns[1].total, 72e9);
  EXPECT_FALSE(picture.hasItems());
  EXPECT_FALSE(picture.capacity.has_value());
}

TEST(MemoryPlanTest, TrainingPlansHaveItemsByRank) {
  const Json plan = Json::parse(R"({"memory": {"capacity_B": 85e9, "reserve_B": 4e9, "ranks": [
      {"total_B": 30e9, "items_B": {"weights": 10e9, "moments": 20e9}},
      {"total_B": 11e9, "items_B": {"weights": 10e9, "logits": 1e9}}]}})");
  const MemoryPicture picture = memoryOfPlan(plan);
  EXPECT_EQ(picture.items,
            QStringList({QStringLiteral("weights"), QStringLiteral("moments"), QStringLiteral("logits")}));
  ASSERT_EQ(picture.columns.size(), 2);
  EXPECT_EQ(picture.columns[0].items.at(QStringLiteral("moments")), 20e9);
  EXPECT_EQ(picture.capacity, 85e9);
  EXPECT_EQ(picture.reserve, 4e9);
}

TEST(MemoryPlanTest, ServingPlansHaveItemsByPool) {
  const Json plan = Json::parse(R"({"pools": {
      "decode": {"memory": {"items_B": {"weights": 61e9, "kv_cache": 26e9}, "capacity_B": 102e9}},
      "prefill": {"memory": {"items_B": {"weights": 41e9}, "capacity_B": 85e9}}}})");
  const MemoryPicture picture = memoryOfPlan(plan);
  ASSERT_EQ(picture.columns.size(), 2);
  EXPECT_EQ(picture.axis, QStringLiteral("pool"));
  EXPECT_EQ(picture.columns[0].total, 87e9);
  EXPECT_EQ(picture.capacity, 85e9);
}

TEST(MemoryPlanTest, WhatIsNoNumberIsLeftOut) {
  for (const char* text :
       {"{}", "null", "[]", R"({"summary": 3})", R"({"summary": {"memory_per_gpu_B": {"by_stage": "many"}}})",
        R"({"summary": {"memory_per_gpu_B": {"by_stage": [null, "x"]}}})", R"({"memory": {"ranks": 3}})",
        R"({"pools": {"decode": 7}})", R"({"pools": {"decode": {"memory": {"items_B": [1]}}}})"}) {
    const Json document = Json::parse(text);
    EXPECT_TRUE(memoryOfResult(document).columns.isEmpty()) << text;
    EXPECT_TRUE(memoryOfPlan(document).columns.isEmpty()) << text;
  }
}

TEST(MemoryPlanTest, ItemsReadAsWords) {
  EXPECT_EQ(memoryItemLabel(QStringLiteral("kv_cache")), QStringLiteral("KV cache"));
}

}  // namespace
}  // namespace moesim::gui
