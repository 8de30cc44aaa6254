#include "sim/plan/memory_plan.hpp"

#include <gtest/gtest.h>

#include "tests/sim_plan/deepseek_v3.hpp"

namespace moesim {
namespace {

using namespace literals;
constexpr double kFp8 = 1 + 4.0 / 128;
constexpr double kFp8Weight = 1 + 4.0 / (128 * 128);
constexpr double kTokens = 4096;

MemoryPlan memory_with(const PlanInput& input) {
  return make_plan_ignoring_memory(input).memory;
}

/// Bytes by which pipeline rank 7 grows over the published choices. It holds stages 7 and 8, four MoE layers
/// each, and keeps PP + 1 = 17 micro-batches of one of them: 68 layers.
constexpr int kRank = 7;
constexpr double kLayersInFlight = 17 * 4;
constexpr double kLayersHeld = 8;
double growth(const PlanInput& input) {
  const auto before = memory_with(test::deepseek_v3_input()).ranks[kRank].total();
  return (memory_with(input).ranks[kRank].total() - before).value();
}

/// MoE layer of DeepSeek-V3: 4 of 256 experts on a GPU, over 2 replicas on each of the two ranks that hold
/// the layer; the rest over 128 on each.
constexpr double kExpertParameters = 4.0 * 3 * 7168 * 2048;
constexpr double kMatrices =
    7168.0 * 1536 + 1536 * 24576 + 7168 * 576 + 512 * 32768 + 16384 * 7168 + 3 * 7168 * 2048;
constexpr double kPlain = 256 * 7168 + 256 + 2 * 7168 + 1536 + 512;  // gate, bias and norms
constexpr double kShard = kExpertParameters / 4 + (kMatrices + kPlain) / 256;

// With the default reserve and with the most that is assumed of it.
TEST(MemoryOfDeepSeekV3, FitsWithThePublishedChoices) {
  for (const Bytes reserve : {kDefaultMemoryReserve, Bytes(6_GB)}) {
    PlanInput input = test::deepseek_v3_input();
    input.memory_reserve = reserve;
    const MemoryPlan memory = make_plan(input).memory;
    EXPECT_EQ(memory.reserve, reserve);
    EXPECT_LE((memory.peak() + memory.reserve) / 1_GiB, 79.6);
    EXPECT_GT(memory.peak() / 1_GiB, 60);
  }
}

// Table 2 of the technical report: PP + 1 = 17 micro-batches. Ranks 1 to 6 and 9 to 14 need more memory while
// they hold 16, in a weight pass of the warm-up: the gradients at the outputs of the linears of four MoE
// layers that it waits for (FP8) exceed what a seventeenth micro-batch keeps. Ranks 7 and 8 have no such
// pass, ranks 0 and 15 have it on the small last stage.
TEST(MemoryOfDeepSeekV3, PeaksAtSeventeenMicrobatchesOrAtSixteenWithDeferredGradients) {
  const MemoryPlan memory = memory_with(test::deepseek_v3_input());
  constexpr double kAttentionOutputs = 1536 + 576 + 24576 + 32768 + 7168;
  constexpr double kExpertOutputs = 9 * (2 * 2048 + 7168);  // eight routed experts and the shared one
  const double deferred = 4 * kTokens * kFp8 * (kAttentionOutputs + kExpertOutputs);
  for (std::size_t rank = 0; rank < 16; ++rank) {
    const bool in_weight_pass = rank != 0 && rank != 7 && rank != 8 && rank != 15;
    EXPECT_EQ(memory.peak_microbatches[rank], in_weight_pass ? 16 : 17) << rank;
    EXPECT_NEAR(memory.ranks[rank].of(MemoryItem::deferred_gradients).value(), in_weight_pass ? deferred : 0,
                1)
        << rank;
  }
}

TEST(MemoryOfDeepSeekV3, HoldsTwoCopiesOfTheParameters) {
  const MemoryItems rank = memory_with(test::deepseek_v3_input()).ranks[kRank];
  const double parameters = kLayersHeld * (kExpertParameters + kMatrices + kPlain);
  EXPECT_NEAR(rank.of(MemoryItem::weights).value(), 2 * parameters, 1);
  EXPECT_NEAR(rank.of(MemoryItem::gradients).value(), 4 * parameters, 1);
  EXPECT_NEAR(rank.of(MemoryItem::master_weights).value(), 4 * kLayersHeld * kShard, 1);
  // One FP8 copy: the transpose is made for each use.
  EXPECT_NEAR(rank.of(MemoryItem::fp8_copies).value(),
              kFp8Weight * kLayersHeld * (kExpertParameters + kMatrices), 1);
  // 1F1B holds one stage.
  PlanInput single = test::deepseek_v3_input();
  single.layout.schedule = ScheduleKind::one_f_one_b;
  single.layout.stage_layers = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 1};
  const MemoryItems half = memory_with(single).ranks[kRank];
  EXPECT_NEAR(half.of(MemoryItem::weights).value(), parameters, 1);
  // Half the parameters over half the copies.
  EXPECT_NEAR(half.of(MemoryItem::master_weights).value(), rank.of(MemoryItem::master_weights).value(), 1);
}

// Two passes of a pair have their rows in BF16 at a time, inputs and outputs 7168 wide and three of 2048; one
// GEMM at a time reads a transposed weight, the largest that of gate and up of four experts.
TEST(MemoryOfDeepSeekV3, WorksOnRowsOfTwoPassesAndOneTransposedWeight) {
  PlanInput input = test::deepseek_v3_input();
  const double rows = 2 * 8 * kTokens * 2 * (7168 + 3 * 2048);
  const double experts = kFp8Weight * 4 * 2 * 2048 * 7168;
  const double dense = kFp8Weight * 2 * 18432 * 7168;  // the first rank's
  const MemoryPlan memory = memory_with(input);
  EXPECT_NEAR(memory.ranks[kRank].of(MemoryItem::workspace).value(), rows + experts, 1);
  EXPECT_NEAR(memory.ranks[0].of(MemoryItem::workspace).value(), rows + dense, 1);
  input.recipe.precision = TrainingPrecision::bf16;
  EXPECT_NEAR(memory_with(input).ranks[kRank].of(MemoryItem::workspace).value(), rows, 1);
}

// 10 channels: 288 rows of each GPU of the node, 2 x 140 of each node; a row has 7168 values in BF16 and
// 128 x 16 B of metadata.
TEST(MemoryOfDeepSeekV3, BuffersDispatchesByGpusOfANodeAndByNodes) {
  constexpr double kRow = 2 * 7168 + 2048;
  PlanInput input = test::deepseek_v3_input();
  const auto buffers = [&] { return memory_with(input).ranks[0].of(MemoryItem::dispatch_buffers).value(); };
  EXPECT_NEAR(buffers(), 10 * (8 * 288 + 8 * 280) * kRow, 1);
  // The same 64 GPUs on 16 nodes of four, then on one.
  input.cluster.gpus_per_node = 4;
  input.cluster.num_nodes = 512;
  EXPECT_NEAR(buffers(), 10 * (4 * 288 + 16 * 280) * kRow, 1);
  input.cluster.gpus_per_node = 64;
  input.cluster.num_nodes = 32;
  EXPECT_NEAR(buffers(), 10 * 64 * 288 * kRow, 1);
}

TEST(MemoryOfDeepSeekV3, GrowsByFourBytesPerShardedParameterWithFp32Moments) {
  PlanInput input = test::deepseek_v3_input();
  input.recipe.memory.moments = StorageFormat::fp32;
  EXPECT_NEAR(growth(input), 4 * kLayersHeld * kShard, 1);
}

TEST(MemoryOfDeepSeekV3, GrowsByFourBytesPerShardedParameterWithEmaOnTheGpu) {
  PlanInput input = test::deepseek_v3_input();
  EXPECT_NEAR(memory_with(input).host_ema[kRank].value(), 4 * kLayersHeld * kShard, 1);
  input.recipe.memory.ema = EmaPlace::gpu;
  EXPECT_NEAR(growth(input), 4 * kLayersHeld * kShard, 1);
  EXPECT_EQ(memory_with(input).host_ema[kRank], 0_B);
}

TEST(MemoryOfDeepSeekV3, GrowsByEveryQueryKeyAndValueWithoutUpProjectionRecompute) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.recompute = {Recompute::rms_norm};
  // 128 heads of queries and keys 192 wide and values 128 wide, BF16.
  EXPECT_NEAR(growth(input), kLayersInFlight * kTokens * 2 * 128 * (192 + 192 + 128), 1);
}

TEST(MemoryOfDeepSeekV3, GrowsByEveryNormOutputWithoutNormRecompute) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.recompute = {Recompute::mla_up_projection};
  // Outputs feed FP8 linears: two norms 7168 wide and those of the latents.
  EXPECT_NEAR(growth(input), kLayersInFlight * kTokens * kFp8 * (2 * 7168 + 1536 + 512), 1);
}

TEST(MemoryOfDeepSeekV3, GrowsByTheWiderFormatOfEachCache) {
  PlanInput swiglu = test::deepseek_v3_input();
  swiglu.recipe.memory.swiglu_inputs = StorageFormat::bf16;
  // Gate and up of eight routed experts and the shared one.
  EXPECT_NEAR(growth(swiglu), kLayersInFlight * kTokens * (2 - kFp8) * 9 * 2 * 2048, 1);
  PlanInput experts = test::deepseek_v3_input();
  experts.recipe.memory.expert_inputs = StorageFormat::bf16;
  EXPECT_NEAR(growth(experts), kLayersInFlight * kTokens * (2 - kFp8) * 8 * 7168, 1);
  PlanInput attention = test::deepseek_v3_input();
  attention.recipe.memory.attention_output = StorageFormat::bf16;
  EXPECT_NEAR(growth(attention), kLayersInFlight * kTokens * (2 - (1.5 + 4.0 / 128)) * 128 * 128, 1);
}

TEST(MemoryOfDeepSeekV3, GrowsByTwoTablesWhenMtpSharesNothing) {
  PlanInput input = test::deepseek_v3_input();
  const auto before = memory_with(input).ranks[0].total();
  input.recipe.memory.mtp_shares_embedding = false;
  const double tables = 2.0 * 129280 * 7168;
  // Weights BF16, gradients FP32, master weights and moments over 128 replicas on two ranks.
  EXPECT_NEAR((memory_with(input).ranks[0].total() - before).value(), tables * (2 + 4 + 8.0 / 256), 1);
}

TEST(MemoryOfDeepSeekV3, IsTheSameOnBothRanksOfAPair) {
  const MemoryPlan memory = memory_with(test::deepseek_v3_input());
  for (std::size_t r = 0; r < 8; ++r) {
    EXPECT_NEAR(memory.ranks[r].of(MemoryItem::weights) / memory.ranks[15 - r].of(MemoryItem::weights), 1,
                1e-12);
  }
}

// A rank that gets 1.2 times the mean rows keeps 0.2 more dispatched rows and SwiGLU inputs of every layer in
// flight, and works on 0.2 more; its peak stays in the same pass.
TEST(MemoryOfDeepSeekV3, GrowsWithTheRowsOfItsExperts) {
  PlanInput input = test::deepseek_v3_input();
  input.recipe.memory.expert_rows_over_mean = 1.2;
  const double kept = kLayersInFlight * kFp8 * (7168 + 2 * 2048);
  const double worked_on = 2 * 2 * (7168 + 3 * 2048);
  EXPECT_NEAR(growth(input), 0.2 * 8 * kTokens * (kept + worked_on), 1);
}

// With ZeRO-2 and 3 each GPU has a 256th of the gradients and weights, experts a quarter.
TEST(MemoryOfDeepSeekV3, ShardsOverTheCopiesOfBothRanks) {
  PlanInput input = test::deepseek_v3_input();
  input.layout.zero = 3;
  input.sharding.reduce_every_microbatch = true;
  const MemoryItems rank = memory_with(input).ranks[kRank];
  EXPECT_NEAR(rank.of(MemoryItem::gradients).value(), 4 * kLayersHeld * kShard, 1);
  EXPECT_NEAR(rank.of(MemoryItem::weights).value(), 2 * kLayersHeld * kShard, 1);
}

TEST(MemoryPlan, ZeroShardsStatesThenGradientsThenWeights) {
  PlanInput input = test::small_input();
  input.layout.ep = 8;  // all 8 ranks of a stage: experts have one copy, the rest 8
  std::array<MemoryItems, 4> by_zero;
  for (int zero = 0; zero < 4; ++zero) {
    input.layout.zero = zero;
    by_zero[static_cast<std::size_t>(zero)] = memory_with(input).ranks[0];
  }
  const double experts = 2.0 * 2 * 3 * 1024 * 512;  // two layers, two experts each
  const auto sharded = [&](MemoryItem item, std::size_t zero, double bytes) {
    const double whole = by_zero[0].of(item).value();
    EXPECT_NEAR(by_zero[zero].of(item).value(), experts * bytes + (whole - experts * bytes) / 8, 1e-3);
  };
  sharded(MemoryItem::moments, 1, 4);
  sharded(MemoryItem::master_weights, 1, 4);
  sharded(MemoryItem::gradients, 2, 4);
  sharded(MemoryItem::weights, 3, 2);
  EXPECT_EQ(by_zero[1].of(MemoryItem::gradients), by_zero[0].of(MemoryItem::gradients));
  EXPECT_EQ(by_zero[2].of(MemoryItem::weights), by_zero[0].of(MemoryItem::weights));
}

TEST(MemoryPlan, OneForwardOneBackwardHoldsOneMicrobatchPerFollowingRank) {
  PlanInput input = test::small_input();
  EXPECT_EQ(memory_with(input).peak_microbatches, (std::vector{2, 1}));
}

TEST(MemoryPlan, ContextParallelismDividesActivations) {
  PlanInput input = test::small_input();
  input.recipe.global_batch = 64;
  const auto whole = memory_with(input).ranks[0];
  input.layout.cp = 2;
  const auto half = memory_with(input).ranks[0];
  EXPECT_NEAR(half.of(MemoryItem::swiglu_inputs) / whole.of(MemoryItem::swiglu_inputs), 0.5, 1e-12);
  EXPECT_NEAR(half.of(MemoryItem::residuals) / whole.of(MemoryItem::residuals), 0.5, 1e-12);
}

}  // namespace
}  // namespace moesim
