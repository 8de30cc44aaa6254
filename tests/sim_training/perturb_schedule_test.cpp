// What the step does when its schedule, its batch or its layout changes, by as much as physics says.
#include <gtest/gtest.h>

#include <algorithm>

#include "calib/profile/operator_time.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/step_costs.hpp"
#include "sim/training/transfer_costs.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::kComputation;
using test::moe_work;
using test::Replayed;
using test::V3Step;

/// Attention core of a sequence of 4096 tokens, forward: 1263 us in the table, at the sustained rate.
constexpr double kCore = 1263e-6 / 0.92;

/// Passes of a stage of `num_layers` MoE layers: F, B (all of it), its part W, and an overlapped pair.
struct StagePasses {
  double f = 0, b = 0, w = 0, pair = 0;

  explicit StagePasses(const TrainingInputs& inputs, int num_layers = 4) {
    const LayerWork work = moe_work(inputs);
    f = num_layers * (work.attention_forward.alone_s + work.mlp_forward.alone_s);
    w = num_layers * (work.attention_weight.alone_s + work.mlp_weight.alone_s);
    b = w + num_layers * (work.attention_backward.alone_s + work.mlp_backward.alone_s);
    for (const PhaseWork* phase : {&work.attention_forward, &work.attention_backward, &work.attention_weight,
                                   &work.mlp_forward, &work.mlp_backward, &work.mlp_weight}) {
      pair += num_layers * phase->paired_s;
    }
  }
  /// DeepSeek-V3 report, Table 2.
  [[nodiscard]] double dualpipe_bubble(int pp) const { return (pp / 2.0 - 1) * (pair + b - 3 * w); }
};

double mean_idle_of_inner_ranks(const Replayed& step) {
  const auto& ranks = step.result.ranks;
  double sum = 0;
  for (std::size_t rank = 1; rank + 1 < ranks.size(); ++rank) sum += ranks[rank].idle_s;
  return sum / static_cast<double>(ranks.size() - 2);
}

/// With free transfers an inner rank idles about (16/2 - 1) (F&B + B - 3W) = 0.96 s; the formula's ranks are
/// all alike, here the first one is lighter.
TEST(Bubble, OfDualPipeIsThePublishedOne) {
  const TrainingInputs inputs = V3Step::plain().inputs();
  const double formula = StagePasses(inputs).dualpipe_bubble(16);
  EXPECT_NEAR(mean_idle_of_inner_ranks(Replayed(inputs, kComputation)), formula, 0.03 * formula);
}

/// Twice the micro-batches leave the bubble's seconds, so that its share falls as 1 / step.
TEST(Microbatches, DoubledKeepTheSecondsOfTheBubble) {
  const Replayed once(V3Step::plain().inputs(), kComputation);
  const Replayed twice(V3Step::plain().set("/recipe/global_batch", "8192").inputs(), kComputation);
  for (std::size_t rank = 1; rank < 15; ++rank) {
    EXPECT_NEAR(twice.result.ranks[rank].idle_s, once.result.ranks[rank].idle_s, 1e-6) << rank;
  }
  const double once_share = once.result.ranks[7].idle_s / once.result.makespan_s;
  const double twice_share = twice.result.ranks[7].idle_s / twice.result.makespan_s;
  EXPECT_NEAR(twice_share / once_share, once.result.makespan_s / twice.result.makespan_s, 1e-6);
  // 32 more micro-batches are 32 more pairs of an inner rank, 16 in each direction.
  const double pair_s = StagePasses(V3Step::plain().inputs()).pair;
  EXPECT_NEAR(twice.result.makespan_s - once.result.makespan_s, 32 * pair_s, 1e-6);
}

/// Half the ranks with stages of twice the layers: (8/2 - 1) x 2 over 16/2 - 1 is 6/7 of the bubble. One of
/// four ranks on each side is now the first, lighter one.
TEST(PipelineRanks, HalvedLeaveSixSeventhsOfTheBubble) {
  const Replayed sixteen(V3Step::plain().inputs(), kComputation);
  const Replayed eight(V3Step::plain().much_memory().assigned_stages().set("/layout/pp", "8").inputs(),
                       kComputation);
  EXPECT_NEAR(mean_idle_of_inner_ranks(eight), mean_idle_of_inner_ranks(sixteen) * 6 / 7,
              0.06 * mean_idle_of_inner_ranks(sixteen));
}

/// Stages pass activations and gradients for free. The last stage, with two heads, is the slowest and never
/// waits once it has begun, so that a step is one micro-batch through all stages and m - 1 more of the last;
/// a gradient leaves a stage before the attention W of its first layer, which therefore is on the way of no
/// stage but the first. For alike stages that is (m + PP - 1) (F + B): a bubble of (PP - 1) (F + B).
TEST(Schedule, OneForwardOneBackward) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/layout/schedule", "1f1b").inputs();
  const Replayed step(inputs, kComputation);
  double sum = 0, slowest = 0;
  for (const auto& program : step.step.graph.programs) {
    double work_s = 0;
    for (const Operation& op : program) work_s += step.step.graph.cost_of(op).work_s;
    sum += work_s / 32;
    slowest = std::max(slowest, work_s / 32);
  }
  const double hidden = 15 * moe_work(inputs).attention_weight.alone_s;
  EXPECT_NEAR(step.result.makespan_s, sum + 31 * slowest - hidden, 1e-4);
  // Its bubble on an inner rank against DualPipe's: 15 (F + B) = 1.58 s, and what the slow last stage adds.
  const StagePasses stage(inputs);
  EXPECT_GT(step.result.ranks[7].idle_s, 15 * (stage.f + stage.b) - hidden);
  EXPECT_GT(mean_idle_of_inner_ranks(step), 1.5 * stage.dualpipe_bubble(16));
}

/// The shipped assignment, which plain() gives by hand, is the one that the plan finds.
TEST(StageLayers, GivenAsBalancedChangeNothing) {
  EXPECT_EQ(V3Step::plain().assigned_stages().seconds(), V3Step::plain().seconds());
}

/// However times move, the plan's own assignment is no slower than the shipped one, but for what counts as
/// alike (1 %): slower kernels, shorter sequences, other sources.
TEST(StageLayers, AssignedFollowTheTimes) {
  V3Step slow = V3Step::plain().stack([](Stack& stack) {
    for (KernelSource& kernel : stack.kernels) kernel.factor = 1.1;
  });
  V3Step brief = V3Step::plain().set("/recipe/sequence_length", "2048");
  V3Step other = V3Step::plain().exclude("h100-kernel-tables");
  for (V3Step* step : {&slow, &brief, &other}) {
    step->set("/recipe/global_batch", "15360").much_memory();
    const double shipped = step->seconds();
    EXPECT_LE(step->assigned_stages().seconds(), 1.01 * shipped);
  }
}

/// 4 x 14, 3, 2 gives the first rank, which also has the heads, one layer more: once every rank waits for it
/// a further micro-batch takes one of its pairs, instead of one of the next slower rank's.
TEST(StageLayers, AnOverloadedRankSetsThePace) {
  const auto step = [](const char* batch) {
    return V3Step::plain()
        .set("/layout/stage_layers", "[4,4,4,4,4,4,4,4,4,4,4,4,4,4,3,2]")
        .set("/recipe/global_batch", batch);
  };
  const Replayed once(step("15360").inputs(), kComputation);
  const Replayed twice(step("30720").inputs(), kComputation);
  const auto pairs_of_first_rank = [](const Replayed& replayed) {
    double sum = 0;
    for (const Operation& op : replayed.step.graph.programs[0]) {
      if (op.pass == PassKind::forward_backward) sum += replayed.step.graph.cost_of(op).work_s;
    }
    return sum;
  };
  const double pairs_s = pairs_of_first_rank(twice) - pairs_of_first_rank(once);
  EXPECT_NEAR(twice.result.makespan_s - once.result.makespan_s, pairs_s, 1e-3 * pairs_s);
  EXPECT_GT(once.result.makespan_s,
            V3Step::plain().set("/recipe/global_batch", "15360").seconds(kComputation));
}

/// Two sequences of 2048 for one of 4096: every linear layer and every transfer has as many tokens, the core
/// a quarter of the work each, half in all; the start of a kernel, at most 10 us, does not halve.
TEST(SequenceLength, HalvedAtTwiceTheSequencesHalvesTheCore) {
  const TrainingInputs shorter = V3Step::plain()
                                     .set("/recipe/sequence_length", "2048")
                                     .set("/recipe/global_batch", "8192")
                                     .set("/layout/micro_batch", "2")
                                     .inputs();
  const TrainingInputs longer = V3Step::plain().inputs();
  const LayerWork before = moe_work(longer), after = moe_work(shorter);
  constexpr double kStart = 10e-6;
  const double saved = before.attention_forward.alone_s - after.attention_forward.alone_s;
  EXPECT_LT(saved, kCore / 2);
  EXPECT_GT(saved, kCore / 2 - kStart);
  EXPECT_NEAR(before.attention_backward.alone_s - after.attention_backward.alone_s, 3.4 * saved, 1e-9);
  EXPECT_EQ(after.mlp_forward.alone_s, before.mlp_forward.alone_s);
  EXPECT_EQ(after.attention_weight.alone_s, before.attention_weight.alone_s);
  const auto dispatch_s = [](const TrainingInputs& inputs) {
    return time_alone(transfer_cost(inputs, routed_load(inputs, {}), TransferKind::dispatch),
                      cluster_ports(inputs.cluster()))
        .value();
  };
  EXPECT_EQ(dispatch_s(shorter), dispatch_s(longer));
  EXPECT_EQ(shorter.plan.num_microbatches(), longer.plan.num_microbatches());
}

/// Twice the tokens of a micro-batch: twice the operations and bytes, the transfers' start once.
TEST(MicroBatch, OfTwoSequencesIsTwiceTheWork) {
  const TrainingInputs one = V3Step::plain().inputs();
  const TrainingInputs two = V3Step::plain()
                                 .much_memory()
                                 .set("/layout/micro_batch", "2")
                                 .set("/recipe/global_batch", "8192")
                                 .inputs();
  const LayerWork before = moe_work(one), after = moe_work(two);
  EXPECT_NEAR(after.attention_forward.ideal_s, 2 * before.attention_forward.ideal_s, 1e-12);
  EXPECT_NEAR(after.mlp_weight.ideal_s, 2 * before.mlp_weight.ideal_s, 1e-12);
  EXPECT_EQ(after.mlp_forward.launches, before.mlp_forward.launches);
  const Replayed a(one), b(two);
  EXPECT_EQ(b.cost(Phase::send_activation, PassKind::forward, -1).nic_B,
            2 * a.cost(Phase::send_activation, PassKind::forward, -1).nic_B);
  const auto alone_s = [](const Replayed& step) {
    const OperationCost& cost = step.cost(Phase::dispatch_forward, PassKind::forward);
    return cost.delay_s + cost.nic_B / 47.5e9 + cost.tail_nvlink_B / 160e9;
  };
  EXPECT_NEAR(alone_s(b) - 27e-6, 2 * (alone_s(a) - 27e-6), 1e-12);
}

/// Time of what a pass computes again, with the gaps.
double recomputed_s(const TrainingInputs& inputs, Component component) {
  OperatorContext context;
  context.tokens = 4096;
  context.expert_tokens = 4096 * 8;
  context.received_tokens = 4096 * routed_load(inputs, {}).ranks_per_token;
  context.local_experts = 4;
  context.recompute.rms_norm = context.recompute.mla_up_projection = context.recompute.swiglu = true;
  double seconds = 0;
  for (const Operator& op : layer_operators(inputs.model(), LayerKind::moe, Pass::input_gradient, context)) {
    if (!op.recomputed || op.component != component) continue;
    seconds += operator_time(op, inputs.stack, inputs.profile).seconds + op.count * 3.8e-6;
  }
  return seconds;
}

TEST(Recompute, DroppedSavesWhatWasComputedAgain) {
  const TrainingInputs with = V3Step::plain().inputs();
  const TrainingInputs without = V3Step::plain().much_memory().set("/layout/recompute", "[]").inputs();
  const LayerWork before = moe_work(with), after = moe_work(without);
  EXPECT_GT(recomputed_s(with, Component::attention), 5e-4);  // q_up and kv_up alone take 0.6 ms
  EXPECT_NEAR(before.attention_backward.alone_s - after.attention_backward.alone_s,
              recomputed_s(with, Component::attention), 1e-9);
  EXPECT_NEAR(before.mlp_backward.alone_s - after.mlp_backward.alone_s, recomputed_s(with, Component::mlp),
              1e-9);
  EXPECT_EQ(after.attention_forward.alone_s, before.attention_forward.alone_s);
  EXPECT_GT(without.plan.memory.peak(), with.plan.memory.peak());
}

/// Up projections alone, without the norms.
TEST(Recompute, OfNormsAloneSavesLess) {
  const LayerWork all = moe_work(V3Step::plain().inputs());
  const LayerWork norms =
      moe_work(V3Step::plain().much_memory().set("/layout/recompute", R"(["rms_norm"])").inputs());
  const LayerWork none = moe_work(V3Step::plain().much_memory().set("/layout/recompute", "[]").inputs());
  EXPECT_LT(norms.attention_backward.alone_s, all.attention_backward.alone_s);
  EXPECT_LT(none.attention_backward.alone_s, norms.attention_backward.alone_s);
  EXPECT_EQ(norms.mlp_backward.alone_s, all.mlp_backward.alone_s);
}

/// Without ZeRO-1 every GPU updates all its parameters: the end of a step alone gets longer, by the
/// optimizer's states and by gradients that come back in FP32.
TEST(Zero, WithoutItOnlyTheEndOfTheStepChanges) {
  const TrainingInputs sharded = V3Step::plain().inputs();
  const TrainingInputs whole = V3Step::plain().much_memory().set("/layout/zero", "0").inputs();
  const StepParts no_end{.step_end = false};
  EXPECT_EQ(Replayed(whole, no_end).result.makespan_s, Replayed(sharded, no_end).result.makespan_s);
  const Replayed a(sharded), b(whole);
  const auto span_s = [](const Replayed& step, Phase phase) {
    return step.result.ranks[5].phase_s[static_cast<std::size_t>(phase)];
  };
  const RankParameters rank = rank_parameters(sharded, 5);
  const double updated = rank.experts + rank.others - rank.expert_shard - rank.other_shard;
  EXPECT_NEAR(span_s(b, Phase::optimizer) - span_s(a, Phase::optimizer), 18 * updated / (0.8 * 3.35e12),
              1e-9);
  EXPECT_NEAR(span_s(b, Phase::all_gather), span_s(b, Phase::reduce_scatter), 1e-9);
  EXPECT_EQ(span_s(b, Phase::reduce_scatter), span_s(a, Phase::reduce_scatter));
}

}  // namespace
}  // namespace moesim
