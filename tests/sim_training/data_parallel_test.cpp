// What sharding and overlap do to the traffic and the time of a step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/error.hpp"
#include "sim/training/data_parallel_costs.hpp"
#include "sim/training/step_costs.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::Replayed;
using test::V3Step;

/// DeepSeek-V3 on 64 GPUs without a pipeline: 65 items with weights (embedding, 61 layers, head, and of the
/// MTP module projection and layer), micro-batches of eight sequences.
V3Step sharded(int num_microbatches) {
  return V3Step::plain()
      .much_memory()
      .assigned_stages()
      .set("/layout/schedule", "1f1b")
      .set("/layout/pp", "1")
      .set("/layout/ep", "8")
      .set("/layout/zero", "3")
      .set("/cluster/num_nodes", "8")
      .set("/layout/micro_batch", "8")
      .set("/recipe/global_batch", std::to_string(64 * 8 * num_microbatches));
}
constexpr int kItems = 65;

/// Sixteen stages of 128 replicas, as many micro-batches as DualPipe needs.
V3Step pipeline() {
  return V3Step::plain().much_memory().set("/layout/schedule", "1f1b");
}

V3Step with(V3Step step, const std::function<void(DataParallelPolicy&)>& change) {
  return step.stack([&](Stack& stack) { change(stack.data_parallel); });
}

/// Bytes over NVLink of a phase, all ranks and passes.
double nvlink_B(const TrainingInputs& inputs, Phase phase) {
  const OpGraph graph = build_step(inputs, {}).graph;
  double sum = 0;
  for (const auto& program : graph.programs) {
    for (const Operation& op : program) {
      if (graph.cost_of(op).phase == phase) sum += graph.cost_of(op).nvlink_B;
    }
  }
  return sum;
}

/// Bytes of `per_parameter` of all that a GPU holds outside routed experts, over the members of a node.
double others_B(const TrainingInputs& inputs, double per_parameter) {
  double sum = 0;
  for (int rank = 0; rank < inputs.plan.schedule.num_ranks; ++rank) {
    const double replicas = inputs.plan.groups.size(GroupKind::replicas);
    sum += rank_parameters(inputs, rank).others * per_parameter * (1 - 1 / replicas);
  }
  return sum;
}

// Weights are gathered for the forward and again for the backward of each micro-batch, but for the last layer
// in the backward that follows at once; gradients are reduced after each. Routed experts have 8 copies on 8
// nodes and cross no NVLink.
TEST(Zero3, GathersTwiceAndReducesOncePerMicrobatch) {
  const TrainingInputs one = sharded(1).inputs(), three = sharded(3).inputs();
  EXPECT_EQ(Replayed(one).count(Phase::all_gather), kItems + kItems - 1);
  EXPECT_EQ(Replayed(three).count(Phase::all_gather), 3 * (kItems + kItems - 1));
  EXPECT_EQ(Replayed(three).count(Phase::reduce_scatter), 3 * kItems);
  EXPECT_NEAR(nvlink_B(one, Phase::reduce_scatter), others_B(one, 4), 1);
  EXPECT_NEAR(nvlink_B(three, Phase::reduce_scatter), 3 * others_B(one, 4), 1);
  const double twice = 2 * others_B(one, 2);
  EXPECT_LT(nvlink_B(one, Phase::all_gather), twice);
  EXPECT_GT(nvlink_B(one, Phase::all_gather), 0.97 * twice);
}

TEST(Zero3, GathersOnceAStepWithoutResharding) {
  const auto keep = [](DataParallelPolicy& policy) { policy.reshard_after_forward = false; };
  const TrainingInputs inputs = with(sharded(3), keep).inputs();
  EXPECT_EQ(Replayed(inputs).count(Phase::all_gather), kItems);
  EXPECT_NEAR(nvlink_B(inputs, Phase::all_gather), others_B(inputs, 2), 1);
}

TEST(Zero3, ReducesOnceAStepWhereWholeGradientsAccumulate) {
  const auto once = [](DataParallelPolicy& policy) { policy.reduce_every_microbatch = false; };
  EXPECT_EQ(Replayed(with(sharded(3), once).inputs()).count(Phase::reduce_scatter), kItems);
}

// In a pipeline both default to once a step, as torchtitan does.
TEST(Zero3, InAPipelineMovesEverythingOnceAStep) {
  const Replayed step(pipeline().set("/layout/zero", "3").inputs());
  EXPECT_EQ(step.count(Phase::all_gather), kItems);
  EXPECT_EQ(step.count(Phase::reduce_scatter), kItems);
}

// What is gathered while the layer before computes costs nothing where computation is longer.
TEST(Zero3, PrefetchHidesGathers) {
  const auto at = [](int layers) {
    return with(sharded(2), [&](DataParallelPolicy& policy) { policy.prefetch_layers = layers; }).seconds();
  };
  const double none = at(0), one = at(1), two = at(2);
  EXPECT_GT(none, 1.01 * one);
  EXPECT_LE(two, one * (1 + 1e-9));
}

// Without a prefetch every gather is exposed but for nothing: half the bandwidth doubles what it adds.
TEST(Zero3, SlowerNicsLengthenExposedGathers) {
  const auto at = [](const char* efficiency) {
    return with(sharded(1), [](DataParallelPolicy& policy) { policy.prefetch_layers = 0; })
        .set("/cluster/nic/efficiency", efficiency)
        .seconds({.expert_transfers = false});
  };
  const auto hidden = [](const char* efficiency) {
    return sharded(1).set("/cluster/nic/efficiency", efficiency).seconds({.expert_transfers = false});
  };
  EXPECT_GT(at("0.475") - at("0.95"), hidden("0.475") - hidden("0.95"));
  EXPECT_GT(at("0.475"), at("0.95"));
}

// A node shards: reduce-scatter and gathers stay on NVLink, shards of an eighth are all-reduced over the
// eight nodes, 2 x 7/8 of them by each GPU's own NIC.
TEST(Shard, WithinANodeLeavesTheNicToShards) {
  const TrainingInputs inputs = sharded(1).set("/layout/shard", "8").inputs();
  CostTable table;
  const auto costs = price_reduce(inputs, {.others = 1e9}, table);
  ASSERT_EQ(costs.size(), 2U);
  const OperationCost& within = table.costs()[costs[0]];
  const OperationCost& across = table.costs()[costs[1]];
  EXPECT_EQ(within.nic_B, 0);
  EXPECT_NEAR(within.nvlink_B, 4e9 * 7 / 8, 1);
  EXPECT_NEAR(across.nic_B, 2 * 4e9 / 8 * 7 / 8, 1);
  EXPECT_EQ(across.nvlink_B, 0);
  const OperationCost& gather = table.costs()[price_gather(inputs, {.others = 1e9}, table)];
  EXPECT_EQ(gather.nic_B, 0);
  EXPECT_NEAR(gather.nvlink_B, 2e9 * 7 / 8, 1);
  // Experts are spread over the whole node, so each has one copy in it and nothing shards.
  const OperationCost& experts = table.costs()[price_gather(inputs, {.experts = 1e9}, table)];
  EXPECT_EQ(experts.nic_B + experts.nvlink_B, 0);
  EXPECT_NEAR(rank_parameters(inputs, 0).other_shard, rank_parameters(inputs, 0).others / 8, 1e-3);
}

// ZeRO 2 moves gradients after every micro-batch, ZeRO 1 once.
TEST(Zero2, ReducesEveryMicrobatch) {
  const TrainingInputs one = pipeline().inputs();
  const TrainingInputs two = pipeline().set("/layout/zero", "2").inputs();
  EXPECT_NEAR(nvlink_B(two, Phase::reduce_scatter), 32 * nvlink_B(one, Phase::reduce_scatter), 1e3);
  EXPECT_NEAR(nvlink_B(two, Phase::all_gather), nvlink_B(one, Phase::all_gather), 1);
}

// Buckets move the same bytes; all but the last of a stage hide behind the last backward, where dispatch and
// combine leave them the links.
TEST(Buckets, HideAllButTheLast) {
  const auto overlap = [](int buckets) {
    return with(pipeline(), [&](DataParallelPolicy& policy) {
      policy.num_buckets = buckets;
      policy.overlap_reduce = true;
    });
  };
  const TrainingInputs whole = pipeline().inputs(), four = overlap(4).inputs();
  EXPECT_NEAR(nvlink_B(four, Phase::reduce_scatter), nvlink_B(whole, Phase::reduce_scatter), 1e3);
  constexpr StepParts kLinksFree{.expert_transfers = false, .pipeline_transfers = false};
  const double none = pipeline().seconds(kLinksFree), one = overlap(1).seconds(kLinksFree);
  EXPECT_NEAR(one, none, 1e-9 * none);
  const double many = overlap(4).seconds(kLinksFree);
  EXPECT_LT(many, none);
  EXPECT_GT(many, pipeline().seconds(test::kComputation));
}

// Weights of the next step come behind its first forward: the end of the step is the optimizer, and stages
// that wait for activations gather for nothing.
TEST(OverlapGather, MovesTheGatherToTheFirstForward) {
  const auto overlapped = [](DataParallelPolicy& policy) {
    policy.num_buckets = 4;
    policy.overlap_gather = true;
  };
  const TrainingInputs before = pipeline().inputs(), after = with(pipeline(), overlapped).inputs();
  EXPECT_NEAR(nvlink_B(after, Phase::all_gather), nvlink_B(before, Phase::all_gather), 1e3);
  const Replayed step(after);
  for (const Span& span : step.spans) {
    if (span.phase != static_cast<std::uint8_t>(Phase::all_gather)) continue;
    EXPECT_EQ(span.pass, static_cast<std::uint8_t>(PassKind::forward));
  }
  EXPECT_LT(step.result.makespan_s, Replayed(before).result.makespan_s);
}

// Without ZeRO an all-reduce stands behind the backward, and nothing behind the optimizer.
TEST(OverlapReduce, WithoutZeroReducesInFull) {
  const auto overlapped = [](DataParallelPolicy& policy) {
    policy.num_buckets = 4;
    policy.overlap_reduce = true;
  };
  const TrainingInputs inputs = with(pipeline().set("/layout/zero", "0"), overlapped).inputs();
  EXPECT_NEAR(nvlink_B(inputs, Phase::all_gather), nvlink_B(inputs, Phase::reduce_scatter), 1e3);
  const StepGraph step = build_step(inputs, {});
  EXPECT_EQ(step.graph.cost_of(step.graph.programs.front().back()).phase, Phase::optimizer);
}

// BF16 main gradients are half of FP32 ones on the wire.
TEST(GradientType, HalvesTheReduction) {
  const TrainingInputs wide = sharded(2).inputs();
  const TrainingInputs narrow = sharded(2).set("/recipe/memory/gradients", "bf16").inputs();
  EXPECT_NEAR(nvlink_B(narrow, Phase::reduce_scatter), nvlink_B(wide, Phase::reduce_scatter) / 2, 1);
}

// Collectives that hold SMs slow the computation beside them where its kernels are not confined already.
TEST(HoldsSms, SlowsComputationBeside) {
  const auto at = [](bool holds) {
    return with(sharded(1).stack([](Stack& stack) { stack.fixed_sm_partition = false; }),
                [&](DataParallelPolicy& policy) { policy.holds_sms = holds; })
        .seconds({.expert_transfers = false});
  };
  EXPECT_GT(at(true), 1.01 * at(false));
}

std::vector<std::string> pointers_of(const V3Step& step) {
  try {
    (void)step.inputs();
  } catch (const PlanError& error) {
    std::vector<std::string> pointers;
    for (const auto& violation : error.violations) pointers.push_back(violation.pointer);
    return pointers;
  }
  return {};
}

TEST(Shard, MustDivideTheReplicas) {
  EXPECT_THAT(pointers_of(sharded(1).set("/layout/shard", "24")), testing::ElementsAre("/layout/shard"));
  EXPECT_THAT(pointers_of(V3Step::plain().much_memory().set("/layout/shard", "8")),
              testing::ElementsAre("/layout/shard"));  // DualPipe holds each stage twice
}

}  // namespace
}  // namespace moesim
