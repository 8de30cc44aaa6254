// What the step does when an input of the cluster's network changes, by as much as physics says.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "sim/training/data_parallel_step.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/step_costs.hpp"
#include "sim/training/transfer_costs.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::Replayed;
using test::V3Step;

constexpr StepParts kNoSends{.pipeline_transfers = false};
constexpr StepParts kNoExperts{.expert_transfers = false};
constexpr std::array kTransfers{Phase::dispatch_forward, Phase::combine_forward, Phase::dispatch_backward,
                                Phase::combine_backward};
constexpr int kTransfersOfAPhase = 32 * 59;  ///< micro-batches x MoE layers, that of the MTP module included
constexpr double kNic = 47.5e9;
constexpr double kNvlink = 160e9;
constexpr double kSendBytes = 4096.0 * 7168 * 2;

/// Without sends a transfer has its ports to itself: NIC bytes at half the rate take twice as long, the
/// start, the casts and the last chunk over NVLink as long as before.
TEST(NicBandwidth, HalvedItDoublesTheNicPartOfDispatchAndCombine) {
  const Replayed whole(V3Step::plain().inputs(), kNoSends);
  const Replayed half(V3Step::plain().set("/cluster/nic/bandwidth", "200 Gb/s").inputs(), kNoSends);
  for (const Phase phase : kTransfers) {
    ASSERT_EQ(whole.count(phase), kTransfersOfAPhase);
    const double nic_s = whole.cost(phase, PassKind::forward_backward).nic_B / kNic;
    EXPECT_NEAR(half.phase_s(phase) - whole.phase_s(phase), kTransfersOfAPhase * nic_s, 1e-6)
        << to_string(phase);
  }
  EXPECT_GT(half.result.makespan_s, whole.result.makespan_s);
}

/// A send that meets no other: latency and 58.7 MB at 47.5 or 23.75 GB/s.
TEST(NicBandwidth, HalvedItDoublesTheSend) {
  const Replayed whole(V3Step::plain().inputs(), kNoExperts);
  const Replayed half(V3Step::plain().set("/cluster/nic/bandwidth", "200 Gb/s").inputs(), kNoExperts);
  for (const Phase phase : {Phase::send_activation, Phase::send_gradient}) {
    EXPECT_NEAR(whole.least_s(phase), 3.7e-6 + kSendBytes / kNic, 1e-9);
    EXPECT_NEAR(half.least_s(phase), 3.7e-6 + 2 * kSendBytes / kNic, 1e-9);
  }
}

/// Half the efficiency of a whole NIC is the whole efficiency of half a NIC.
TEST(NicEfficiency, IsBandwidth) {
  const double by_efficiency = V3Step::plain().set("/cluster/nic/efficiency", "0.475").seconds();
  const double by_bandwidth = V3Step::plain().set("/cluster/nic/bandwidth", "200 Gb/s").seconds();
  EXPECT_NEAR(by_efficiency, by_bandwidth, 1e-12 * by_bandwidth);
}

/// Inner ranks end a step by their NICs: FP32 and BF16 bytes of the collectives at half the rate.
TEST(NicBandwidth, HalvedItDoublesTheCollectivesOfInnerRanks) {
  const Replayed whole(V3Step::plain().inputs());
  const Replayed half(V3Step::plain().set("/cluster/nic/bandwidth", "200 Gb/s").inputs());
  for (const Phase phase : {Phase::reduce_scatter, Phase::all_gather}) {
    const auto index = static_cast<std::size_t>(phase);
    const double before = whole.result.ranks[5].phase_s[index], after = half.result.ranks[5].phase_s[index];
    EXPECT_NEAR(after - 3.7e-6, 2 * (before - 3.7e-6), 1e-9) << to_string(phase);
  }
}

/// What is forwarded beside the NIC takes 1.31 of its 2.24 ms, so twice the NVLink shortens the last of 16
/// chunks alone.
TEST(NvlinkBandwidth, DoubledItHalvesTheLastChunk) {
  const Replayed slow(V3Step::plain().inputs(), kNoSends);
  const Replayed fast(V3Step::plain().set("/cluster/nvlink/bandwidth", "320 GB/s").inputs(), kNoSends);
  for (const Phase phase : kTransfers) {
    const double tail_s = slow.cost(phase, PassKind::forward_backward).tail_nvlink_B / kNvlink;
    EXPECT_NEAR(slow.phase_s(phase) - fast.phase_s(phase), kTransfersOfAPhase * tail_s / 2, 1e-6);
  }
}

/// At 80 GB/s forwarding takes 2.62 ms, longer than the NIC: now NVLink binds.
TEST(NvlinkBandwidth, HalvedItBindsDispatchAndCombine) {
  const Replayed whole(V3Step::plain().inputs(), kNoSends);
  const Replayed half(V3Step::plain().set("/cluster/nvlink/bandwidth", "80 GB/s").inputs(), kNoSends);
  for (const Phase phase : kTransfers) {
    const OperationCost& cost = whole.cost(phase, PassKind::forward_backward);
    const double before = cost.nic_B / kNic + cost.tail_nvlink_B / kNvlink;
    const double after = (cost.nvlink_B + cost.tail_nvlink_B) / (kNvlink / 2);
    ASSERT_GT(cost.nvlink_B / (kNvlink / 2), cost.nic_B / kNic);
    EXPECT_NEAR(half.phase_s(phase) - whole.phase_s(phase), kTransfersOfAPhase * (after - before), 1e-6);
  }
}

/// 100 us more on every send and every collective; dispatch and combine have a start of their own.
TEST(NicLatency, DelaysSendsAndCollectives) {
  const Replayed before(V3Step::plain().inputs());
  const Replayed after(V3Step::plain().set("/cluster/nic/latency", "103.7 us").inputs());
  EXPECT_NEAR(after.least_s(Phase::send_activation) - before.least_s(Phase::send_activation), 1e-4, 1e-9);
  for (const Phase phase : {Phase::reduce_scatter, Phase::all_gather}) {
    EXPECT_NEAR(after.phase_s(phase) - before.phase_s(phase), 16 * 1e-4, 1e-9);
  }
  for (const Phase phase : kTransfers) {
    EXPECT_EQ(after.cost(phase, PassKind::forward_backward).delay_s,
              before.cost(phase, PassKind::forward_backward).delay_s);
  }
  EXPECT_GT(after.result.makespan_s, before.result.makespan_s);
}

/// Stages are on different nodes, so no latency of NVLink is on the way of a send.
TEST(NvlinkLatency, ChangesNothingBetweenNodes) {
  EXPECT_EQ(V3Step::plain().set("/cluster/nvlink/latency", "1 ms").seconds(), V3Step::plain().seconds());
}

/// At the published 4096 tokens the start is part of the published time; at 2048, which have half of the
/// rest, half of a longer start comes on top.
TEST(TransferStart, MattersAwayFromThePublishedPoint) {
  const auto alone_s = [](V3Step step, const char* tokens) {
    const TrainingInputs inputs = step.set("/recipe/sequence_length", tokens).inputs();
    const CollectiveCost cost = transfer_cost(inputs, routed_load(inputs, {}), TransferKind::dispatch);
    return time_alone(cost, cluster_ports(inputs.cluster())).value();
  };
  const V3Step late = V3Step::plain().constant("transfer_start", 127e-6);
  EXPECT_NEAR(alone_s(late, "4096"), alone_s(V3Step::plain(), "4096"), 1e-12);
  EXPECT_NEAR(alone_s(late, "2048") - alone_s(V3Step::plain(), "2048"), 50e-6, 1e-12);
}

/// Every route is taken to have its own links (no contention above the leaves): neither the kind of network
/// nor the radix of its switches reaches a time.
TEST(Network, KindAndRadixChangeNoTime) {
  const double before = V3Step::plain().seconds();
  EXPECT_EQ(V3Step::plain().set("/cluster/network/kind", "rail_optimised").seconds(), before);
  EXPECT_EQ(V3Step::plain().set("/cluster/network/switch_radix", "128").seconds(), before);
}

double alone_s(const OperationCost& cost) {
  return cost.delay_s + cost.work_s + std::max(cost.nic_B / kNic, cost.nvlink_B / kNvlink);
}

/// Twice the GPUs with twice the sequences are twice the replicas of the same pipelines. An expert has 8
/// copies instead of 4 (7/8 and 3/4 of its bytes move), the rest 512 instead of 256, and shards are half as
/// large. The first rank ends last and its NVLink binds, so that its optimizer decides: half a millisecond
/// less.
TEST(Nodes, DoubledWithTheBatchChangeTheEndOfTheStepAlone) {
  const TrainingInputs once = V3Step::plain().inputs();
  const TrainingInputs twice =
      V3Step::plain().set("/cluster/num_nodes", "512").set("/recipe/global_batch", "8192").inputs();
  CostTable table;
  const auto end_s = [&](const TrainingInputs& inputs, int rank) {
    double sum = 0;
    for (const BlockOperation& op : DataParallelStep(inputs, table).step_end(rank).operations) {
      sum += alone_s(table.costs()[op.cost]);
    }
    return sum;
  };
  const RankParameters inner = rank_parameters(once, 5), halved = rank_parameters(twice, 5);
  EXPECT_EQ(halved.experts, inner.experts);
  EXPECT_EQ(halved.expert_shard, inner.expert_shard / 2);
  EXPECT_EQ(halved.other_shard, inner.other_shard / 2);
  const double nic_B =
      6 * (inner.experts * (7.0 / 8 - 3.0 / 4) + inner.others * (511.0 / 512 - 255.0 / 256) / 8);
  const double work_B = 18 * (inner.expert_shard + inner.other_shard) / 2;
  EXPECT_NEAR(end_s(twice, 5) - end_s(once, 5), nic_B / kNic - work_B / (0.8 * 3.35e12), 1e-9);
  EXPECT_NEAR(Replayed(twice).result.makespan_s - Replayed(once).result.makespan_s,
              end_s(twice, 0) - end_s(once, 0), 1e-6);
}

}  // namespace
}  // namespace moesim
