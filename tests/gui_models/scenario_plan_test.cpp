#include "gui/models/scenario_plan.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "gui/models/run_estimate.hpp"

namespace moesim::gui {
namespace {

TEST(PlanPictureTest, TrainingPlansHaveAStackAndABlockForEachRank) {
  const Json plan = Json::parse(R"({"model": "m",
    "stages": [{"first_layer": 0, "dense_layers": 3, "moe_layers": 1, "embedding": true},
               {"first_layer": 4, "dense_layers": 0, "moe_layers": 4, "heads": 1}],
    "process_groups": {"pipeline": {"size": 2, "groups": 16}, "expert": {"size": 8, "groups": 4},
                       "expert_tensor": {"size": 2, "groups": 16}},
    "topology": {"kind": "rail", "gpus": 32, "nodes": 4, "switches": 3, "switch_cables": 12},
    "memory": {"capacity_B": 80e9, "reserve_B": 4e9, "ranks": [
      {"stages": [0], "items_B": {"weights": 10e9, "moments": 20e9}},
      {"stages": [1], "items_B": {"weights": 70e9, "moments": 8e9}}]},
    "warnings": ["assumed"], "violations": []})");
  const PlanPicture picture = planPicture(plan);
  EXPECT_EQ(picture.items, (QStringList{"weights", "moments"}));
  ASSERT_EQ(picture.memory.size(), 2);
  EXPECT_EQ(picture.memory[0].bytes, (QVector<double>{10e9, 20e9}));
  EXPECT_TRUE(picture.memory[0].fits());
  EXPECT_FALSE(picture.memory[1].fits());  // 78 + 4 kept free is above 80
  ASSERT_EQ(picture.blocks.size(), 2);
  // ep 8 x etp 2 = 16 GPUs a group; 4 groups / etp 2 = 2 in all, one a rank: 2 x 1 x 16 = 32 GPUs.
  EXPECT_EQ(picture.blocks[0].groupSize, 16);
  EXPECT_EQ(picture.blocks[0].numGroups, 1);
  EXPECT_TRUE(picture.blocks[0].doc.contains(QStringLiteral("layers 0 to 3: 3 dense, 1 MoE, embedding")));
  ASSERT_EQ(picture.topologies.size(), 1);
  EXPECT_EQ(picture.topologies[0].switches, 3);
  EXPECT_EQ(picture.warnings, QStringList{"assumed"});
}

TEST(PlanPictureTest, ServingPlansHaveThemForEachPool) {
  const PlanPicture picture =
      planPicture(Json::parse(R"({"topologies": {"h800": {"kind": "multi_plane_ft2", "gpus": 64, "nodes": 8,
      "switches": 12, "switch_cables": 256}, "none": 3, "h20": {"gpus": 8, "nodes": 1}},
      "pools": {"decode": {"units": 2, "gpus_per_unit": 16, "nodes_per_unit": 1.5, "cluster": "h800",
    "memory": {"capacity_B": 10, "items_B": {"kv_cache": 4, "weights": 5}}}}})"));
  ASSERT_EQ(picture.memory.size(), 1);
  EXPECT_EQ(picture.memory[0].label, QStringLiteral("decode"));
  EXPECT_EQ(picture.items.first(), QStringLiteral("weights"));
  EXPECT_EQ(picture.memory[0].total, 9);
  ASSERT_EQ(picture.blocks.size(), 1);
  EXPECT_EQ(picture.blocks[0].numGroups, 2);
  ASSERT_EQ(picture.topologies.size(), 2);
  EXPECT_EQ(picture.topologies[1].cluster, QStringLiteral("h20"));
  EXPECT_TRUE(picture.topologies[1].use.isEmpty());
  EXPECT_EQ(picture.topologies[0].switches, 12);
  EXPECT_EQ(picture.topologies[0].use, QStringLiteral("decode 3 nodes"));
}

TEST(PlanPictureTest, ManyItemsEndInOther) {
  Json items = Json::object();
  for (int i = 1; i <= 12; ++i) items["item" + std::to_string(i)] = i;
  const PlanPicture picture = planPicture({{"pools", {{"a", {{"memory", {{"items_B", items}}}}}}}});
  ASSERT_EQ(picture.items.size(), 8);
  EXPECT_EQ(picture.items.last(), QStringLiteral("other"));
  EXPECT_EQ(picture.memory[0].bytes.last(), 1 + 2 + 3 + 4 + 5);
}

TEST(PlanPictureTest, WhatIsNoPlanIsEmpty) {
  for (const char* text : {"3", "[]", "{}", R"({"memory": 4})", R"({"pools": [1]})", R"({"stages": 1})",
                           R"({"memory": {"ranks": [{"items_B": {"a": "x"}}, 3]}, "topology": []})",
                           R"({"process_groups": {"expert": {"size": 1e300}}})", R"({"topologies": [3]})",
                           R"({"topologies": {"a": [], "b": {"gpus": "x"}}, "pools": 3})"}) {
    const PlanPicture picture = planPicture(Json::parse(text));
    EXPECT_TRUE(picture.topologies.isEmpty()) << text;
    EXPECT_TRUE(planFigures(Json::parse(text))) << text;
  }
}

TEST(RunEstimateTest, ThePaceOfLateSaysWhatIsLeft) {
  RunEstimate estimate;
  EXPECT_FALSE(estimate.remaining());
  estimate.add(0, 0);
  EXPECT_FALSE(estimate.remaining());
  estimate.add(0.1, 0.5);  // too soon to tell
  EXPECT_FALSE(estimate.remaining());
  estimate.clear();
  // Half in 10 s, then 0.01 a second, which alone counts: 0.71 after 31 s leave 0.29, 29 s.
  estimate.add(0, 0);
  for (int second = 10; second <= 31; ++second) estimate.add(second, 0.5 + 0.01 * (second - 10));
  ASSERT_TRUE(estimate.remaining());
  EXPECT_NEAR(*estimate.remaining(), 29, 1e-6);
  estimate.add(32, 0.71);
  estimate.add(52, 0.71);  // it stands still
  EXPECT_FALSE(estimate.remaining());
}

TEST(RunEstimateTest, DurationsHaveTheirUnits) {
  EXPECT_EQ(durationText(0.2), QStringLiteral("0 s"));
  EXPECT_EQ(durationText(59.4), QStringLiteral("59 s"));
  EXPECT_EQ(durationText(200), QStringLiteral("3 min 20 s"));
  EXPECT_EQ(durationText(7500), QStringLiteral("2 h 5 min"));
  EXPECT_EQ(durationText(-1), QString());
  EXPECT_EQ(durationText(std::numeric_limits<double>::quiet_NaN()), QString());
}

}  // namespace
}  // namespace moesim::gui
