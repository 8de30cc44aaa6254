// What the step does when routing, experts or their transfers change, by as much as physics says.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>

#include "sim/training/routed_loads.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/transfer_costs.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::kComputation;
using test::kMoeLayer;
using test::moe_work;
using test::Replayed;
using test::V3Step;

constexpr double kDispatchCopy = 7168 * (1 + 4.0 / 128);
constexpr std::array kMlp{Phase::mlp_forward, Phase::mlp_backward, Phase::mlp_weight};
constexpr std::array kAttention{Phase::attention_forward, Phase::attention_backward, Phase::attention_weight};

V3Step stated(double rank, double node) {
  return V3Step::plain().set("/routing", fmt::format(R"({{"mode": "stated", "rank_max_over_mean": {}, )"
                                                     R"("node_max_over_mean": {}}})",
                                                     rank, node));
}

CollectiveCost dispatch_of(const TrainingInputs& inputs) {
  return transfer_cost(inputs, routed_load(inputs, inputs.scenario.routing), TransferKind::dispatch);
}
double alone_s(const TrainingInputs& inputs) {
  return time_alone(dispatch_of(inputs), cluster_ports(inputs.cluster())).value();
}

RoutedLoad load_of_top_k(int top_k) {
  return routed_load(V3Step::plain().model([&](ModelSpec& model) { model.top_k = top_k; }).inputs(), {});
}

/// Several experts of a token share a node, so that half of them reach more than half of the nodes: NIC bytes
/// follow the distinct nodes, NVLink bytes the distinct ranks, which 8 experts hardly ever share.
TEST(TopK, BytesFollowTheDistinctNodesOfAToken) {
  const TrainingInputs eight = V3Step::plain().inputs();
  const TrainingInputs four = V3Step::plain().model([](ModelSpec& model) { model.top_k = 4; }).inputs();
  const RoutedLoad of_eight = load_of_top_k(8), of_four = load_of_top_k(4);
  EXPECT_NEAR(alone_s(four), 4096 * of_four.nodes_per_token * kDispatchCopy / 51e9, 1e-9);
  EXPECT_NEAR(alone_s(four) / alone_s(eight), of_four.nodes_per_token / of_eight.nodes_per_token, 1e-9);
  EXPECT_GT(of_four.nodes_per_token, 0.7 * of_eight.nodes_per_token);
  EXPECT_LT(of_four.nodes_per_token, 0.85 * of_eight.nodes_per_token);
  const auto nvlink_B = [](const CollectiveCost& cost) { return (cost.nvlink + cost.tail).value(); };
  const double ratio = of_four.ranks_per_token / of_eight.ranks_per_token;
  EXPECT_NEAR(nvlink_B(dispatch_of(four)) / nvlink_B(dispatch_of(eight)), ratio, 1e-9);
  EXPECT_NEAR(ratio, 0.5, 0.03);
  // 4 routed and 1 shared expert of 8 + 1.
  EXPECT_NEAR(moe_work(four).mlp_forward.ideal_s, moe_work(eight).mlp_forward.ideal_s * 5 / 9, 1e-12);
  EXPECT_EQ(moe_work(four).attention_weight.alone_s, moe_work(eight).attention_weight.alone_s);
}

/// Phases of the MLP take 1 + share x excess of their time, the others what they took.
TEST(RankLoad, LengthensTheMlpByItsExpertShare) {
  const Replayed even(stated(1, 1).inputs(), kComputation), hot(stated(1.1, 1).inputs(), kComputation);
  const LayerWork work = moe_work(stated(1.1, 1).inputs());
  const std::array shares{work.mlp_forward.expert_share, work.mlp_backward.expert_share,
                          work.mlp_weight.expert_share};
  for (std::size_t i = 0; i < kMlp.size(); ++i) {
    EXPECT_GT(shares[i], 0.8);
    EXPECT_NEAR(hot.phase_s(kMlp[i], kMoeLayer), (1 + 0.1 * shares[i]) * even.phase_s(kMlp[i], kMoeLayer),
                1e-9);
    EXPECT_NEAR(hot.phase_s(kMlp[i], test::kDenseLayer), even.phase_s(kMlp[i], test::kDenseLayer), 1e-9);
  }
  for (const Phase phase : kAttention) {
    EXPECT_NEAR(hot.phase_s(phase, kMoeLayer), even.phase_s(phase, kMoeLayer), 1e-9);
  }
}

/// An MLP of an overlapped layer is 15.2 of its 31.8 ms, 86 % of which follow the load: +0.1 is 1.31 ms or
/// 4.1 % of it; 3.7 % of a step, which has dense layers, heads and ranks that wait. The second +0.1 is as
/// much as the first.
TEST(RankLoad, EachTenthCostsTheSame) {
  const double even = stated(1, 1).seconds(kComputation);
  const double tenth = stated(1.1, 1).seconds(kComputation) - even;
  const double fifth = stated(1.2, 1).seconds(kComputation) - even;
  EXPECT_NEAR(fifth, 2 * tenth, 0.01 * tenth);
  EXPECT_GT(tenth, 0.033 * even);
  EXPECT_LT(tenth, 0.041 * even);
}

/// A hot rank forwards more over NVLink: at 1.2 still less than the NIC takes, so that only the last chunk
/// grows by a fifth.
TEST(RankLoad, LengthensTheLastChunkOfATransfer) {
  const StepParts no_sends{.pipeline_transfers = false};
  const Replayed even(stated(1, 1).inputs(), no_sends), hot(stated(1.2, 1).inputs(), no_sends);
  const double tail_s = even.cost(Phase::combine_forward, PassKind::forward).tail_nvlink_B / 160e9;
  EXPECT_NEAR(hot.phase_s(Phase::combine_forward) - even.phase_s(Phase::combine_forward),
              32 * 59 * 0.2 * tail_s, 1e-6);
}

/// The fullest node takes 1.3 times the NIC's bytes and nothing else.
TEST(NodeLoad, LengthensTheNicPartAlone) {
  const StepParts no_sends{.pipeline_transfers = false};
  const Replayed even(stated(1, 1).inputs(), no_sends), full(stated(1, 1.3).inputs(), no_sends);
  const double nic_s = even.cost(Phase::dispatch_backward, PassKind::backward).nic_B / 47.5e9;
  EXPECT_NEAR(full.phase_s(Phase::dispatch_backward) - even.phase_s(Phase::dispatch_backward),
              32 * 59 * 0.3 * nic_s, 1e-6);
  for (const Phase phase : kMlp) {
    EXPECT_EQ(full.cost(phase, PassKind::forward_backward).work_s,
              even.cost(phase, PassKind::forward_backward).work_s);
  }
}

/// Without a stated node load it is the rank's excess over the root of 8 ranks: 1 + 0.4 / 2.828.
TEST(NodeLoad, IsDerivedFromTheRanksWhereItIsAbsent) {
  const V3Step derived = V3Step::plain().set("/routing", R"({"mode": "stated", "rank_max_over_mean": 1.4})");
  EXPECT_NEAR(derived.seconds(), stated(1.4, 1 + 0.4 / std::sqrt(8)).seconds(), 1e-9);
}

TEST(Routing, StatedAsEvenIsBalanced) {
  EXPECT_EQ(stated(1, 1).seconds(), V3Step::plain().seconds());
}

/// Half the published bandwidth is twice the published time.
TEST(PublishedBandwidth, IsTheTimeOfADispatch) {
  const TrainingInputs halved = V3Step::plain()
                                    .profile([](ProfileFile& file) {
                                      for (Entry& entry : file.entries) {
                                        if (entry.op == TimedOperator::dispatch_normal) {
                                          entry.bandwidth = *entry.bandwidth / 2;
                                        }
                                      }
                                    })
                                    .inputs();
  EXPECT_NEAR(alone_s(halved), 2 * alone_s(V3Step::plain().inputs()), 1e-12);
}

/// A BF16 copy has 14,336 instead of 7,392 bytes at the same bandwidth.
TEST(DispatchFormat, Bf16MovesMoreBytes) {
  const V3Step bf16 =
      V3Step::plain().stack([](Stack& stack) { stack.all_to_all.dispatch_format = NumberFormat::bf16; });
  EXPECT_NEAR(alone_s(bf16.inputs()) / alone_s(V3Step::plain().inputs()), 14336.0 / 7392, 1e-9);
}

/// The published time stays; half the chunks leave a last one that is twice as long.
TEST(Chunks, MoveTheTailInsideThePublishedTime) {
  const TrainingInputs coarse =
      V3Step::plain().stack([](Stack& stack) { stack.all_to_all.num_chunks = 8; }).inputs();
  const TrainingInputs fine = V3Step::plain().inputs();
  EXPECT_NEAR(alone_s(coarse), alone_s(fine), 1e-12);
  EXPECT_NEAR(dispatch_of(coarse).tail.value(), 2 * dispatch_of(fine).tail.value(), 1e-3);
}

/// 1e-11 s/B more is 0.59 ms for 4096 rows of 7168 in BF16 beside computation, in either format, and nothing
/// alone.
TEST(TransferOverlapAddition, LengthensTransfersOfPairs) {
  const V3Step plain = V3Step::plain();
  const Replayed before(plain.inputs());
  const Replayed after(
      V3Step::plain()
          .constant("transfer_overlap_addition", plain.constant("transfer_overlap_addition") + 1e-11)
          .inputs());
  const auto delay_s = [](const Replayed& step, PassKind pass) {
    return step.cost(Phase::combine_forward, pass).delay_s;
  };
  EXPECT_NEAR(delay_s(after, PassKind::forward_backward) - delay_s(before, PassKind::forward_backward),
              4096 * 14336 * 1e-11, 1e-12);
  EXPECT_EQ(delay_s(after, PassKind::forward), delay_s(before, PassKind::forward));
}

/// 32 GPUs on 4 nodes of 64 experts, two gate groups each: the 4 groups that a token keeps are on fewer nodes
/// than at EP64. 58 GB/s published at EP32.
TEST(ExpertParallelism, HalfTheGpusHoldTwiceTheExperts) {
  const TrainingInputs inputs = V3Step::plain().much_memory().set("/layout/ep", "32").inputs();
  const RoutedLoad load = routed_load(inputs, {});
  EXPECT_LT(load.nodes_per_token, load_of_top_k(8).nodes_per_token);
  EXPECT_NEAR(alone_s(inputs), 4096 * load.nodes_per_token * kDispatchCopy / 58e9, 1e-9);
  const LayerWork half = moe_work(inputs), whole = moe_work(V3Step::plain().inputs());
  // As many rows over twice the experts: the same operations.
  EXPECT_NEAR(half.mlp_forward.ideal_s, whole.mlp_forward.ideal_s, 1e-12);
}

/// With all experts on a GPU nothing is dispatched, and no pair loses SMs to it.
TEST(ExpertParallelism, OfOneGpuNeedsNoTransfers) {
  const V3Step local = V3Step::plain().much_memory().set("/layout/ep", "1");
  const Replayed step(local.inputs());
  EXPECT_EQ(step.count(Phase::dispatch_forward), 0);
  const LayerWork work = moe_work(local.inputs());
  EXPECT_NEAR(step.phase_s(Phase::mlp_weight, kMoeLayer), 32 * work.mlp_weight.alone_s, 1e-9);
}

}  // namespace
}  // namespace moesim
