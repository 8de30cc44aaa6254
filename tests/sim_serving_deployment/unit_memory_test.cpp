#include "sim/serving/deployment/unit_memory.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

PoolSpec pool(int gpus, int tp, int ep, int redundant = 0) {
  PoolSpec spec;
  spec.layout = {gpus, tp, ep, redundant};
  return spec;
}

double item(const UnitMemory& memory, const std::string& name) {
  for (const MemoryItem& each : memory.weights) {
    if (each.name == name) return each.bytes;
  }
  return 0;
}

UnitMemory of(const PoolSpec& spec, const char* cluster = "h800-2048", const char* model = "deepseek-v3") {
  return unit_memory(load_model(model), load_cluster(cluster), spec, MemoryShare{});
}

TEST(UnitMemory, LatentsOfATokenAreTheSameOnAllGpusOfARank) {
  const ModelSpec model = load_model("deepseek-v3");
  // (512 + 64) x 2 B x 61 layers.
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(model, pool(8, 8, 1)), 70272);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(model, pool(8, 1, 8)), 70272);
  PoolSpec fp8 = pool(8, 8, 1);
  fp8.kv_format = NumberFormat::fp8;
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(model, fp8), 656 * 61);
  PoolSpec drafting = pool(8, 8, 1);
  drafting.speculation = {1, {0.9}};
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(model, drafting), 1152 * 62);
}

TEST(UnitMemory, HeadsOfGroupedQueriesAreSplitDownToOne) {
  const ModelSpec model = load_model("qwen3-235b-a22b");
  // 94 layers, 4 KV heads of 128, keys and values, BF16.
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(model, pool(8, 1, 8)), 94.0 * 4 * 128 * 2 * 2);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(model, pool(8, 4, 8)), 94.0 * 1 * 128 * 2 * 2);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(model, pool(8, 8, 8)), 94.0 * 1 * 128 * 2 * 2);
}

TEST(UnitMemory, ExpertSlotsAreSpreadOverTheUnit) {
  // 58 MoE layers, an expert has 3 x 7168 x 2048 parameters and one FP32 scale for 128 x 128 of them.
  const double expert = 3.0 * 7168 * 2048 * (1 + 4.0 / 16384) * 58;
  EXPECT_NEAR(item(of(pool(144, 1, 144, 32)), "routed_experts"), 2 * expert, 1);
  EXPECT_NEAR(item(of(pool(32, 1, 32, 32)), "routed_experts"), 9 * expert, 1);
  // One expert of 256 in eight slices over all GPUs is an eighth of all of them.
  EXPECT_NEAR(item(of(pool(8, 8, 1), "h200-256"), "routed_experts"), 32 * expert, 1);
  EXPECT_NEAR(item(of(pool(144, 1, 144, 32)), "shared_experts"), expert, 1);
  EXPECT_NEAR(item(of(pool(8, 8, 1), "h200-256"), "shared_experts"), expert / 8, 1);
}

TEST(UnitMemory, WhatIsLeftHoldsTheCacheInWholeBlocks) {
  const UnitMemory memory = of(pool(144, 1, 144, 32));
  const double left = 0.88 * memory.capacity_bytes - memory.graph_bytes - memory.weight_bytes();
  EXPECT_DOUBLE_EQ(memory.kv_bytes, left);
  EXPECT_EQ(memory.kv_blocks, static_cast<std::int64_t>(left / (70272 * 64)));
  EXPECT_EQ(memory.kv_tokens, memory.kv_blocks * 64);
  EXPECT_TRUE(memory.fits());
}

TEST(UnitMemory, StatedTokensReplaceWhatMemoryLeaves) {
  PoolSpec spec = pool(144, 1, 144, 32);
  spec.kv_tokens = 1000;
  EXPECT_EQ(of(spec).kv_blocks, 15);  // 960 of 1000 tokens are whole blocks
}

TEST(UnitMemory, WeightsThatDoNotFitLeaveNothing) {
  const UnitMemory memory = of(pool(8, 8, 1));  // 671 GB on 8 x 85 GB
  EXPECT_LT(memory.kv_bytes, 0);
  EXPECT_FALSE(memory.fits());
  EXPECT_NE(memory_line(memory).find("routed_experts 81."), std::string::npos) << memory_line(memory);
}

}  // namespace
}  // namespace moesim
