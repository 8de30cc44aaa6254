// Times of the kernels of a layer.
#include <algorithm>

#include <gtest/gtest.h>

#include "sim/serving/step/layer_times.hpp"
#include "tests/sim_serving_step/unit_fixture.hpp"

namespace moesim {
namespace {

using test::Unit;

void drop_constant(Stack& stack, const std::string& name) {
  std::erase_if(stack.constants, [&](const Constant& c) { return c.name == name; });
}

// The weights of q_up, qkv_down and o_proj of DeepSeek-R1 over 8 GPUs in FP8: 3072 x 1536, 2112 x 7168 and
// 7168 x 2048 bytes at no more than 0.85 of 4.8 TB/s.
TEST(LayerTimes, ReadsTheWeightsOfAttentionCold) {
  const Unit unit("deepseek-r1");
  const double weights = 3072.0 * 1536 + 2112.0 * 7168 + 7168.0 * 2048;
  EXPECT_GT(LayerTimes(unit.input()).attention_linear(1, false).seconds, weights / (0.85 * 4.8e12));
}

TEST(LayerTimes, FusedKernelsCostNothing) {
  Unit unit("deepseek-r1");
  const PartTime fused = LayerTimes(unit.input()).attention_linear(64, false);
  auto& names = unit.stack.serving->fused;
  names.erase(std::remove(names.begin(), names.end(), "rms_norm.mlp"), names.end());
  const PartTime with_norm = LayerTimes(unit.input()).attention_linear(64, false);
  EXPECT_NEAR(with_norm.seconds - fused.seconds, 2e-6, 1e-7);  // small_kernel_floor
  EXPECT_EQ(with_norm.launches, fused.launches + 1);
}

TEST(LayerTimes, AttentionIsItsLinearPartAndItsCores) {
  const Unit unit("deepseek-r1");
  const LayerTimes times(unit.input());
  RankLoad load;
  load.sequences = 32;
  load.kv_tokens = 32 * 1500;
  load.prompts = 1;
  load.prompt_tokens = 480;
  load.prompt_pairs = 480 * 240;
  const double parts = times.attention_linear(512, true).seconds + times.decode_core(32, 1500, 1).seconds +
                       times.prompt_core(1, 480, 0).seconds;
  EXPECT_DOUBLE_EQ(times.attention(load).seconds, parts);
  load.prompt_pairs *= 2;  // chunks of unequal lengths
  EXPECT_DOUBLE_EQ(times.attention(load).seconds, parts + times.prompt_core(1, 480, 0).seconds);
}

// A few new tokens behind a long prefix: expanding its latents again costs more than attending to them.
TEST(LayerTimes, AbsorbsWhereExpandingThePrefixCostsMore) {
  const Unit unit("deepseek-r1", {8, 1, 8, 0});
  const LayerTimes times(unit.input());
  EXPECT_TRUE(times.absorbs(1, 16, 32768));
  EXPECT_FALSE(times.absorbs(1, 4096, 0));
}

TEST(LayerTimes, StreamsTheWeightsOfExpertsOfFewRows) {
  Unit unit("deepseek-r1");
  const ExpertWork few{128, 84, 4, 16}, many{32768, 256, 3, 4096};
  const LayerTimes tuned(unit.input());
  drop_constant(unit.stack, "expert_bandwidth");
  const LayerTimes table(unit.input());
  EXPECT_LT(tuned.experts(few, false).seconds, table.experts(few, false).seconds);
  EXPECT_EQ(tuned.experts(few, false).by_provenance[static_cast<std::size_t>(Provenance::fitted)],
            tuned.experts(few, false).seconds);
  EXPECT_EQ(tuned.experts(many, false).seconds, table.experts(many, false).seconds);
}

// Experts in NVFP4 have 0.5625 of the bytes of FP8 and twice the peak; five small kernels stay as they are.
TEST(LayerTimes, Nvfp4ReadsAboutHalfOfTheBytesOfFp8) {
  Unit unit("deepseek-r1", {8, 8, 2, 0}, "b200-sxm", "tensorrt-llm");
  drop_constant(unit.stack, "expert_bandwidth");
  const ExpertWork work{512, 100, 3, 64};
  const PartTime fp8 = LayerTimes(unit.input()).experts(work, false);
  unit.pool.precision = NumberFormat::nvfp4;
  const PartTime fp4 = LayerTimes(unit.input()).experts(work, false);
  EXPECT_GT(fp4.seconds - 10e-6, 0.5 * (fp8.seconds - 10e-6));
  EXPECT_LT(fp4.seconds - 10e-6, 0.65 * (fp8.seconds - 10e-6));
  EXPECT_LT(fp4.hbm_bytes, 0.65 * fp8.hbm_bytes);
}

TEST(LayerTimes, RefusesNvfp4BeforeBlackwell) {
  Unit unit("deepseek-r1");
  unit.pool.precision = NumberFormat::nvfp4;
  EXPECT_THROW(LayerTimes(unit.input()), PlanError);
}

// NCCL and the custom kernel: the quicker of the two, behind the skew of 3 us; nothing for one GPU.
TEST(LayerTimes, AllReduceWaitsForTheLastGpu) {
  const Unit unit("deepseek-r1");
  const LayerTimes times(unit.input());
  const Bytes buffer(16.0 * 7168 * 2);
  const double custom = unit.profile.custom_all_reduce(8, buffer)->seconds;
  const double nccl = unit.profile.nccl_time(TimedOperator::all_reduce, 8, buffer)->seconds;
  EXPECT_DOUBLE_EQ(times.all_reduce(16, 8).seconds, std::min(custom, nccl) + 3e-6);
  EXPECT_EQ(times.all_reduce(16, 1).seconds, 0);
}

}  // namespace
}  // namespace moesim
