// Experts split over GPUs, NCCL's all-to-all, and capacities.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sim/training/routed_loads.hpp"
#include "sim/training/split_collectives.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/transfer_costs.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::moe_work;
using test::Replayed;
using test::V3Step;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr double kDispatchRow = 7168 * (1 + 4.0 / 128);
constexpr double kCombineRow = 7168 * 2;

V3Step alone() {
  return V3Step::plain().much_memory().set("/layout/schedule", "1f1b");
}
V3Step nccl() {
  return alone().stack([](Stack& stack) { stack.all_to_all.backend = AllToAllBackend::nccl; });
}
OperationCost cost_of(const V3Step& step, Phase phase, PassKind pass) {
  return Replayed(step.inputs()).cost(phase, pass);
}
OperatorContext context_of(const TrainingInputs& inputs) {
  return operator_context(inputs, routed_load(inputs, inputs.scenario.routing), 1);
}

/// Each of 2 GPUs that share an expert gets the other's rows: as many as its own. Rows double, widths halve.
TEST(ExpertTensorParallel, GathersRows) {
  V3Step two = alone().set("/layout/etp", "2").set("/layout/ep", "32");
  const TrainingInputs inputs = two.inputs();
  const RoutedLoad load = routed_load(inputs, inputs.scenario.routing);
  const double rows = 4096 * load.ranks_per_token;
  const Replayed step(inputs);
  const OperationCost& gather = step.cost(Phase::expert_tensor_forward, PassKind::forward);
  EXPECT_DOUBLE_EQ(gather.nvlink_B, rows * kDispatchRow);
  EXPECT_EQ(gather.nic_B, 0);
  EXPECT_EQ(step.count(Phase::expert_tensor_forward), 32 * 59 * 2);
  EXPECT_EQ(step.count(Phase::expert_tensor_backward), 32 * 59 * 2);
  const TrainingInputs one = alone().inputs();
  EXPECT_EQ(context_of(inputs).expert_tokens, 2 * context_of(one).expert_tokens);
  EXPECT_NEAR(moe_work(inputs).mlp_forward.ideal_s, moe_work(one).mlp_forward.ideal_s, 1e-12);
}

/// Half the NVLink doubles the gathering.
TEST(ExpertTensorParallel, IsBoundByNvlink) {
  V3Step two = alone().set("/layout/etp", "2").set("/layout/ep", "32");
  constexpr StepParts kNoSends{.pipeline_transfers = false};
  const Replayed whole(two.inputs(), kNoSends);
  const Replayed half(two.set("/cluster/nvlink/bandwidth", "80 GB/s").inputs(), kNoSends);
  const OperationCost& cost = whole.cost(Phase::expert_tensor_forward, PassKind::forward);
  EXPECT_NEAR(half.least_s(Phase::expert_tensor_forward) - whole.least_s(Phase::expert_tensor_forward),
              cost.nvlink_B / 160e9, 1e-9);
}

/// A folded layout: attention on 2 GPUs, experts on one each. Every GPU dispatches half of the tokens.
TEST(FoldedLayout, ExpertsDoNotFollowAttention) {
  const TrainingInputs folded = alone().set("/layout/tp", "2").set("/recipe/global_batch", "2048").inputs();
  EXPECT_EQ(folded.local_tokens(), 2048);
  EXPECT_EQ(context_of(folded).expert_tokens, 2048 * 8);
  EXPECT_EQ(folded.group.num_nodes, 8);
  const double whole = cost_of(nccl(), Phase::dispatch_forward, PassKind::forward).nic_B;
  const double half = cost_of(nccl().set("/layout/tp", "2").set("/recipe/global_batch", "2048"),
                              Phase::dispatch_forward, PassKind::forward)
                          .nic_B;
  EXPECT_DOUBLE_EQ(half * 2, whole);
}

/// Experts of ep 8 beside etp 2 are on 16 GPUs, two nodes.
TEST(FoldedLayout, GroupsOfSplitExpertsSpanMoreNodes) {
  EXPECT_EQ(alone().set("/layout/ep", "8").inputs().group.num_nodes, 1);
  EXPECT_EQ(alone().set("/layout/ep", "8").set("/layout/etp", "2").inputs().group.num_nodes, 2);
}

/// Every choice of a token is sent for itself: 56 of 64 ranks over the NIC, 7 over NVLink.
TEST(NcclAllToAll, SendsEveryChoice) {
  const Replayed step(nccl().inputs());
  const OperationCost& dispatch = step.cost(Phase::dispatch_forward, PassKind::forward);
  EXPECT_DOUBLE_EQ(dispatch.nic_B, 4096.0 * 8 * kDispatchRow * 56 / 64);
  EXPECT_DOUBLE_EQ(dispatch.nvlink_B, 4096.0 * 8 * kDispatchRow * 7 / 64);
  EXPECT_DOUBLE_EQ(step.cost(Phase::combine_forward, PassKind::forward).nic_B,
                   4096.0 * 8 * kCombineRow * 56 / 64);
  EXPECT_GT(nccl().seconds(), alone().seconds());
}

/// Rows are written in the order of ranks first, at 0.8 of HBM: 2 x 32768 rows.
TEST(NcclAllToAll, PermutesRowsBefore) {
  const OperationCost cost = cost_of(nccl(), Phase::dispatch_forward, PassKind::forward);
  const TrainingInputs inputs = nccl().inputs();
  const double permute_s = inputs.profile->small(Bytes(2 * 32768 * kDispatchRow)).seconds;
  EXPECT_NEAR(cost.delay_s - moe_work(inputs).dispatch_cast_s, 27e-6 + permute_s, 1e-9);
}

/// Half of the ports' rate doubles the bytes that they count.
TEST(NcclAllToAll, RateOfPorts) {
  V3Step half = nccl().add_ratio("all_to_all_rate", 0.5);
  EXPECT_DOUBLE_EQ(cost_of(half, Phase::dispatch_forward, PassKind::forward).nic_B,
                   2 * cost_of(nccl(), Phase::dispatch_forward, PassKind::forward).nic_B);
}

/// A host that waits for the sizes of messages waits no more where experts are padded.
TEST(Capacity, PaddedTheHostDoesNotWait) {
  const auto waits = [](const char* padded) {
    V3Step step = nccl().stack([](Stack& stack) { stack.sync_points[0].host_waits = true; });
    step.set("/recipe/capacity_factor", "1.25").set("/recipe/capacity_padded", padded);
    return cost_of(step, Phase::dispatch_forward, PassKind::forward).host_waits;
  };
  EXPECT_TRUE(waits("false"));
  EXPECT_FALSE(waits("true"));
}

/// 1.25 instead of 1: a quarter more rows to compute, send and keep.
TEST(Capacity, SetsTheRowsOfPaddedExperts) {
  const auto padded = [](const char* factor) {
    return nccl().set("/recipe/capacity_factor", factor).set("/recipe/capacity_padded", "true");
  };
  const TrainingInputs one = padded("1").inputs(), more = padded("1.25").inputs();
  EXPECT_DOUBLE_EQ(context_of(more).expert_tokens, 1.25 * context_of(one).expert_tokens);
  EXPECT_DOUBLE_EQ(cost_of(padded("1.25"), Phase::dispatch_forward, PassKind::forward).nic_B,
                   1.25 * cost_of(padded("1"), Phase::dispatch_forward, PassKind::forward).nic_B);
  const auto expert_inputs = [](const TrainingInputs& inputs) {
    return inputs.plan.memory.ranks[5].of(MemoryItem::expert_inputs).value();
  };
  EXPECT_NEAR(expert_inputs(more), 1.25 * expert_inputs(one), 1e-6 * expert_inputs(more));
  EXPECT_GT(padded("1.25").seconds(), padded("1").seconds());
}

/// A stated load of 1.2 cut at 1: 5 % dropped, the fullest rank at the mean of all choices; the result says
/// so.
TEST(Capacity, DropsAndSaysSo) {
  V3Step step = alone().set("/routing", R"({"mode": "stated", "rank_max_over_mean": 1.2})");
  V3Step limited = step;
  limited.set("/recipe/capacity_factor", "1");
  const TrainingInputs inputs = limited.inputs();
  const RoutedLoad load = routed_load(inputs, inputs.scenario.routing);
  EXPECT_NEAR(load.rank_max_over_mean * load.rows_over_chosen, 1, 1e-12);
  EXPECT_THAT(inputs.warnings, Contains(HasSubstr("5.0 %")));
  EXPECT_LT(limited.seconds(), step.seconds());
}

/// Balanced choices stay below every capacity: nothing is dropped, and nothing said.
TEST(Capacity, SaysNothingWhereNothingIsDropped) {
  V3Step step = alone().set("/routing", R"({"mode": "balanced"})").set("/recipe/capacity_factor", "1.25");
  EXPECT_THAT(step.inputs().warnings, Not(Contains(HasSubstr("dropped"))));
}

TEST(Capacity, NeedsExperts) {
  V3Step step =
      alone().set("/layout/ep", "1").set("/recipe/capacity_factor", "1").model([](ModelSpec& model) {
        model.num_dense_layers = model.num_layers;
        model.num_experts = model.num_shared_experts = model.top_k = model.mtp_depth = 0;
        model.num_groups = model.topk_groups = 1;
        model.group_score = GroupScore::none;
      });
  EXPECT_THROW(static_cast<void>(step.inputs()), PlanError);
}

/// A model of a seventh of the width on 512 tokens has kernels of microseconds, which the host cannot issue
/// as fast: it is the lane that a step waits for, and twice the launch cost shows. DeepSeek-V3's own kernels
/// hide it.
TEST(Host, SlowsFinelySlicedWorkOnly) {
  const auto growth = [](const V3Step& step) {
    V3Step slow = step;
    slow.constant("launch", 15e-6);
    return slow.seconds() / step.seconds();
  };
  V3Step fine = alone().set("/recipe/sequence_length", "512").model([](ModelSpec& model) {
    model.hidden = 1024;
    model.num_heads = 16;
    model.mla.q_lora_rank = 256;
    model.mla.kv_lora_rank = 128;
    model.dense_intermediate = 1024;
    model.expert_intermediate = 128;
  });
  EXPECT_NEAR(growth(alone()), 1, 5e-3);
  EXPECT_GT(growth(fine), 1.3);
}

}  // namespace
}  // namespace moesim
