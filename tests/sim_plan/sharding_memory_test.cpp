// What sharding and recomputation leave in memory, by formula.
#include <gtest/gtest.h>

#include "tests/sim_plan/deepseek_v3.hpp"

namespace moesim {
namespace {

MemoryItems first_rank(const PlanInput& input) {
  return make_plan_ignoring_memory(input).memory.ranks[0];
}
double bytes(const PlanInput& input, MemoryItem item) {
  return first_rank(input).of(item).value();
}
/// What the change of a layout saves.
double saved(const PlanInput& input, const std::vector<Recompute>& recompute) {
  PlanInput less = input;
  less.layout.recompute = recompute;
  return (first_rank(input).total() - first_rank(less).total()).value();
}

/// The small run's first rank: two MoE layers, two micro-batches in flight, 512 tokens of 1024, two rows of
/// 512 each in routed experts.
constexpr double kTokens = 512, kInFlight = 2 * 2;
constexpr double kAttention = 1024.0 * (1024 + 3 * 1024);  // output and QKV of 8 heads of 128
constexpr double kExperts = 16 / 4.0 * 3 * 1024 * 512;
constexpr double kNorms = 2 * 1024, kGate = 16 * 1024, kTable = 1000 * 1024;

PlanInput on_one_stage(int zero) {
  PlanInput input = test::small_input();
  input.layout.pp = 1;
  input.layout.zero = zero;
  return input;
}

// Of a layer 2 B for each weight, of the one that computes and the one that comes.
TEST(Zero3Memory, HoldsTwoLayers) {
  PlanInput input = on_one_stage(3);
  const double layer = 2 * (kAttention + kExperts + kNorms + kGate);
  EXPECT_NEAR(bytes(input, MemoryItem::gathered_weights), 2 * layer, 1);
  input.sharding.prefetch_layers = 0;
  EXPECT_NEAR(bytes(input, MemoryItem::gathered_weights), layer, 1);
  EXPECT_EQ(bytes(on_one_stage(2), MemoryItem::gathered_weights), 0);
}

// Experts that lie on one GPU alone have nothing to gather, and their gradients nothing to wait for.
TEST(Zero3Memory, GathersNoExpertsWithoutCopies) {
  PlanInput input = on_one_stage(3);
  input.layout.ep = 16;
  const double layer = kAttention + kNorms + kGate;
  EXPECT_NEAR(bytes(input, MemoryItem::gathered_weights), 2 * 2 * layer, 1);
  EXPECT_NEAR(bytes(input, MemoryItem::gradient_buckets), 2 * 4 * layer, 1);
  const double others = 4 * layer + 2 * kTable + 1024;
  EXPECT_NEAR(bytes(input, MemoryItem::weights), 2 * (4 * kExperts / 4 + others / 16), 1);
  input.sharding.reshard_after_forward = false;
  EXPECT_NEAR(bytes(input, MemoryItem::gathered_weights), 2 * others, 1);
}

// Without resharding every weight stays once it is gathered.
TEST(Zero3Memory, HoldsAllWithoutResharding) {
  PlanInput input = on_one_stage(3);
  input.sharding.reshard_after_forward = false;
  const double all = 4 * (kAttention + kExperts + kNorms + kGate) + 2 * kTable + 1024;
  EXPECT_NEAR(bytes(input, MemoryItem::gathered_weights), 2 * all, 1);
}

// Only shards accumulate where every micro-batch is reduced: 16 copies of the rest, 4 of the experts, with
// two buckets beside them. Else whole gradients do, whatever `zero` is.
TEST(Zero2Memory, ShardsWhatIsReducedEveryMicrobatch) {
  PlanInput input = on_one_stage(2);
  const double experts = 4 * kExperts;
  const double others = 4 * (kAttention + kNorms + kGate) + 2 * kTable + 1024;
  EXPECT_NEAR(bytes(input, MemoryItem::gradients), 4 * (experts / 4 + others / 16), 1);
  EXPECT_NEAR(bytes(input, MemoryItem::gradient_buckets), 2 * experts + 8 * (kAttention + kNorms + kGate), 1);
  input.sharding.reduce_every_microbatch = false;
  EXPECT_NEAR(bytes(input, MemoryItem::gradients), 4 * (experts + others), 1);
  EXPECT_EQ(bytes(input, MemoryItem::gradient_buckets), 0);
}

// Eight replicas shard, two groups of them hold the same: twice the states of 16.
TEST(ShardMemory, GrowsWithFewerReplicas) {
  PlanInput input = on_one_stage(1);
  const double all = bytes(input, MemoryItem::master_weights);
  input.layout.shard = 8;
  const double half = bytes(input, MemoryItem::master_weights);
  EXPECT_NEAR(half, 2 * all, 1);
}

// A model without experts may name more parts of one than a pipeline rank has GPUs.
TEST(Shards, OfExpertsThatAreNotThere) {
  PlanInput input = on_one_stage(1);
  input.model.num_experts = 0;
  input.model.dense_intermediate = 512;
  input.model.num_dense_layers = input.model.num_layers;
  input.layout.ep = 1;
  input.layout.etp = 32;
  const ProcessGroups groups(input.layout, 16);
  EXPECT_EQ(num_shards(groups, GroupKind::expert_data, input.layout), 1);
  EXPECT_EQ(shard_spans(groups, GroupKind::expert_data, input.layout, 8).within.size, 1);
}

TEST(Buckets, HoldNeighboursOfLikeSize) {
  const std::vector<StageParameters> items{{.plain = 1}, {.linear = 2}, {.linear = 2}, {.plain = 1}};
  EXPECT_EQ(gradient_buckets(items, 1), (std::vector{0, 0, 0, 0}));
  EXPECT_EQ(gradient_buckets(items, 2), (std::vector{1, 1, 0, 0}));
  EXPECT_EQ(gradient_buckets(items, 9), (std::vector{3, 2, 1, 0}));
}

TEST(RecomputeMemory, OfSwigluSavesItsOutputs) {
  EXPECT_NEAR(saved(test::small_input(), {Recompute::swiglu}), kInFlight * kTokens * 2 * 2 * 512, 1);
}

// A fused core keeps FP32 statistics of a row and head beside its output, which the next linear needs anyway.
// One layer at a time has them again.
TEST(RecomputeMemory, OfTheCoreSavesStatistics) {
  EXPECT_NEAR(saved(test::small_input(), {Recompute::core_attention}), (kInFlight - 1) * kTokens * 4 * 8, 1);
}

TEST(RecomputeMemory, OfExpertsSavesTheirRows) {
  const double layer = kTokens * 2 * 2 * (1024 + 2 * 512 + 512);
  EXPECT_NEAR(saved(test::small_input(), {Recompute::moe}), (kInFlight - 1) * layer, 1);
}

// An input of 1024 in BF16 stays of each layer in flight, and one layer is there as a whole.
TEST(RecomputeMemory, OfLayersKeepsTheirInputs) {
  const double attention = 2 * (2 * 1024 + 3 * 1024 + 1024) + 4 * 8;
  const double experts = 2 * 2 * 1024 + 4 * 16 + 8 * 2 + 2 * 2 * (1024 + 2 * 512 + 512);
  const double layer = kTokens * (attention + experts), input = kTokens * 2 * 1024;
  EXPECT_NEAR(saved(test::small_input(), {Recompute::full}), (kInFlight - 1) * (layer - input), 1);
  PlanInput half = test::small_input();
  const double before = first_rank(half).total().value();
  half.layout.recompute = {Recompute::full};
  half.layout.recompute_layers = 1;
  EXPECT_NEAR(before - first_rank(half).total().value(), (kInFlight / 2 - 1) * (layer - input), 1);
}

// Deferred weight passes need what was recomputed, too.
TEST(RecomputeMemory, StaysForDeferredWeights) {
  PlanInput input = test::deepseek_v3_input();
  const auto again = [&] { return bytes(input, MemoryItem::recomputed); };
  EXPECT_EQ(again(), 0);
  input.layout.recompute = {Recompute::moe};
  EXPECT_GT(again(), 0);
}

TEST(Mxfp8Memory, HoldsTwoCopiesWithAScalePer32) {
  PlanInput input = test::deepseek_v3_input();
  const double one = bytes(input, MemoryItem::fp8_copies);
  input.recipe.precision = TrainingPrecision::mxfp8;
  EXPECT_NEAR(bytes(input, MemoryItem::fp8_copies), one / (1 + 4.0 / 16384) * 2 * (1 + 1.0 / 32), 1e3);
}

std::vector<std::string> pointers(const PlanInput& input) {
  std::vector<std::string> all;
  for (const auto& violation : find_violations(input)) all.push_back(violation.pointer);
  return all;
}

TEST(RecomputeChecks, RefuseContradictions) {
  using Pointers = std::vector<std::string>;
  PlanInput input = test::small_input();
  input.layout.recompute = {Recompute::full, Recompute::swiglu};
  EXPECT_EQ(pointers(input), Pointers{"/layout/recompute"});
  input.layout.recompute = {Recompute::mlp};  // neither dense layers nor shared experts
  EXPECT_EQ(pointers(input), Pointers{"/layout/recompute"});
  input.layout.recompute = {Recompute::swiglu};
  input.layout.recompute_layers = 1;
  EXPECT_EQ(pointers(input), Pointers{"/layout/recompute_layers"});
  input.layout.recompute_layers.reset();
  input.layout.shard = 3;
  EXPECT_EQ(pointers(input), Pointers{"/layout/shard"});
}

}  // namespace
}  // namespace moesim
