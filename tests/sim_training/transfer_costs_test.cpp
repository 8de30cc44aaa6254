#include "sim/training/transfer_costs.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/training/routed_loads.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

/// Bytes of a token's copy: 7168 FP8 values with an FP32 scale for every 128, or 7168 BF16 values.
constexpr double kDispatchCopy = 7168 * (1 + 4.0 / 128);
constexpr double kCombineCopy = 7168 * 2;

struct Transfer {
  TrainingInputs inputs;
  RoutedLoad load;

  explicit Transfer(const V3Step& step)
      : inputs(step.inputs()), load(routed_load(inputs, inputs.scenario.routing)) {}
  [[nodiscard]] CollectiveCost cost(TransferKind kind) const { return transfer_cost(inputs, load, kind); }
  [[nodiscard]] double alone_s(TransferKind kind) const {
    return time_alone(cost(kind), cluster_ports(inputs.cluster())).value();
  }
};

TEST(TransferCosts, BytesOfACopy) {
  const TrainingInputs inputs = V3Step::plain().inputs();
  EXPECT_DOUBLE_EQ(bytes_per_copy(inputs, TransferKind::dispatch).value(), kDispatchCopy);
  EXPECT_DOUBLE_EQ(bytes_per_copy(inputs, TransferKind::combine).value(), kCombineCopy);
}

/// DeepEP at EP64: 51 and 50 GB/s, a token counted once per node that it reaches, at most 4 of 8. With 4
/// nodes a dispatch of 4096 tokens takes 2.375 ms and a combine 4.698 ms.
TEST(TransferCosts, AloneAtThePublishedPoint) {
  const Transfer transfer(V3Step::plain());
  const double nodes = transfer.load.nodes_per_token;
  EXPECT_GT(nodes, 3.5);
  EXPECT_LE(nodes, 4);
  EXPECT_NEAR(transfer.alone_s(TransferKind::dispatch), 4096 * nodes * kDispatchCopy / 51e9, 1e-9);
  EXPECT_NEAR(transfer.alone_s(TransferKind::combine), 4096 * nodes * kCombineCopy / 50e9, 1e-9);
}

/// All but the start, 27 us, grows with tokens: half of it at 2048.
TEST(TransferCosts, HalfTheTokens) {
  const Transfer whole(V3Step::plain());
  const Transfer half(V3Step::plain().set("/recipe/sequence_length", "2048"));
  for (const TransferKind kind : {TransferKind::dispatch, TransferKind::combine}) {
    EXPECT_NEAR(half.alone_s(kind), 27e-6 + (whole.alone_s(kind) - 27e-6) / 2, 1e-12);
    EXPECT_NEAR(half.cost(kind).nvlink.value(), whole.cost(kind).nvlink.value() / 2, 1);
  }
}

/// Inside a node every copy goes over NVLink, at 153 and 158 GB/s (DeepEP, EP8), a token counted once per
/// rank: 8 ranks hold what 8 nodes do at EP64.
TEST(TransferCosts, InsideANodeNoNicIsUsed) {
  const Transfer transfer(V3Step::plain().much_memory().set("/layout/ep", "8"));
  const CollectiveCost dispatch = transfer.cost(TransferKind::dispatch);
  EXPECT_EQ(dispatch.nic.value(), 0);
  EXPECT_EQ(dispatch.tail.value(), 0);
  EXPECT_GT(dispatch.nvlink.value(), 0);
  const double ranks = transfer.load.ranks_per_token;
  EXPECT_EQ(ranks, Transfer(V3Step::plain()).load.nodes_per_token);
  EXPECT_NEAR(transfer.alone_s(TransferKind::dispatch), 4096 * ranks * kDispatchCopy / 153e9, 1e-9);
  EXPECT_NEAR(transfer.alone_s(TransferKind::combine), 4096 * ranks * kCombineCopy / 158e9, 1e-9);
}

TEST(TransferCosts, TheFullestNodeScalesNicBytesOnly) {
  const CollectiveCost even = Transfer(V3Step::plain()).cost(TransferKind::dispatch);
  const CollectiveCost full =
      Transfer(V3Step::plain().set("/routing", R"({"mode": "stated", "node_max_over_mean": 1.3})"))
          .cost(TransferKind::dispatch);
  EXPECT_DOUBLE_EQ(full.nic.value(), 1.3 * even.nic.value());
  EXPECT_EQ(full.nvlink, even.nvlink);
  EXPECT_EQ(full.tail, even.tail);
  EXPECT_EQ(full.latency, even.latency);
}

/// A hot rank's own load comes in the engine, so the bytes are those of the mean rank.
TEST(TransferCosts, TheFullestRankIsLeftToTheEngine) {
  const Transfer even(V3Step::plain());
  const Transfer hot(V3Step::plain().set(
      "/routing", R"({"mode": "stated", "rank_max_over_mean": 1.5, "node_max_over_mean": 1})"));
  EXPECT_EQ(hot.cost(TransferKind::combine).nvlink, even.cost(TransferKind::combine).nvlink);
  CostTable table;
  const LayerWork work = layer_work(hot.inputs, hot.load, LayerKind::moe);
  const TransferCosts costs = price_transfers(hot.inputs, hot.load, work, false, table);
  EXPECT_EQ(table.costs()[costs.combine_forward].expert_share, 1);
}

/// A copy reaches each of its ranks but the sender's own over NVLink, 63/64 of them, of which one of 16
/// chunks is the tail.
TEST(TransferCosts, NvlinkBytesFollowTheRanksOfAToken) {
  const Transfer transfer(V3Step::plain());
  const CollectiveCost cost = transfer.cost(TransferKind::dispatch);
  EXPECT_GT(transfer.load.ranks_per_token, 7);  // 8 experts share few of 64 ranks
  EXPECT_LE(transfer.load.ranks_per_token, 8);
  const double bytes = 4096 * transfer.load.ranks_per_token * 63 / 64 * kDispatchCopy;
  EXPECT_NEAR(cost.nvlink.value() + cost.tail.value(), bytes, 1);
  EXPECT_NEAR(cost.tail.value(), bytes / 16, 1);
}

/// The backward of a combine dispatches and the backward of a dispatch combines.
TEST(TransferCosts, TheFourTransfersOfALayer) {
  const Transfer transfer(V3Step::plain());
  const LayerWork work = layer_work(transfer.inputs, transfer.load, LayerKind::moe);
  CostTable table;
  const TransferCosts alone = price_transfers(transfer.inputs, transfer.load, work, false, table);
  const TransferCosts paired = price_transfers(transfer.inputs, transfer.load, work, true, table);
  const auto& costs = table.costs();
  EXPECT_EQ(costs[alone.combine_backward].nic_B, costs[alone.dispatch_forward].nic_B);
  EXPECT_EQ(costs[alone.dispatch_backward].nic_B, costs[alone.combine_forward].nic_B);
  const auto phase_of = [&](std::uint32_t cost) { return costs[cost].phase; };
  EXPECT_EQ(phase_of(alone.dispatch_forward), Phase::dispatch_forward);
  EXPECT_EQ(phase_of(alone.combine_forward), Phase::combine_forward);
  EXPECT_EQ(phase_of(alone.dispatch_backward), Phase::dispatch_backward);
  EXPECT_EQ(phase_of(alone.combine_backward), Phase::combine_backward);
  // Beside computation each takes the stack's addition longer; casts wait in front of the backward of a
  // combine.
  EXPECT_NEAR(costs[paired.dispatch_forward].delay_s - costs[alone.dispatch_forward].delay_s,
              4096 * 14336 * transfer.inputs.constant("transfer_overlap_addition"), 1e-12);
  EXPECT_NEAR(costs[alone.combine_backward].delay_s - costs[alone.dispatch_forward].delay_s,
              work.combine_cast_s, 1e-12);
  for (const OperationCost& cost : costs) {
    EXPECT_EQ(cost.sync, SyncScope::expert_group);
    EXPECT_TRUE(cost.holds_sms);
    EXPECT_EQ(cost.work_s, 0);
  }
  // 4 kernels of 7.5 us launch.
  EXPECT_NEAR(costs[alone.dispatch_forward].issue_s, 4 * 7.5e-6, 1e-15);
  EXPECT_NEAR(costs[alone.dispatch_forward].first_issue_s, 7.5e-6, 1e-15);
}

/// Time alone by origin: published bandwidth but for the start, which is derived from it.
TEST(TransferCosts, OriginOfTheTime) {
  const Transfer transfer(V3Step::plain());
  CostTable table;
  const LayerWork work = layer_work(transfer.inputs, transfer.load, LayerKind::moe);
  const TransferCosts costs = price_transfers(transfer.inputs, transfer.load, work, false, table);
  const ProvenanceFractions& origin = table.origins()[costs.dispatch_forward];
  const double alone_s = transfer.alone_s(TransferKind::dispatch);
  EXPECT_NEAR(origin.derived, 27e-6 / alone_s, 1e-9);
  EXPECT_NEAR(origin.published, 1 - 27e-6 / alone_s, 1e-9);
}

ProvenanceFractions dispatch_origin(const V3Step& step) {
  const Transfer transfer(step);
  CostTable table;
  const LayerWork work = layer_work(transfer.inputs, transfer.load, LayerKind::moe);
  const TransferCosts costs = price_transfers(transfer.inputs, transfer.load, work, false, table);
  return table.origins()[costs.dispatch_forward];
}

/// Without published bandwidths bytes are counted: derived, as the start is.
TEST(TransferCosts, OriginOfCountedBytes) {
  const ProvenanceFractions origin = dispatch_origin(V3Step::plain().profile([](ProfileFile& file) {
    std::erase_if(file.entries, [](const Entry& entry) {
      return entry.op == TimedOperator::dispatch_normal && entry.regime == Regime::isolated;
    });
  }));
  EXPECT_EQ(origin.published, 0);
  EXPECT_NEAR(origin.derived, 1, 1e-9);
}

/// What NCCL was timed at inside a node is as its entry says; rows in order of their ranks are assumed.
TEST(TransferCosts, OriginOfTimesOfNccl) {
  const auto origin = [](Provenance provenance, double num_entries) {
    return dispatch_origin(V3Step::plain()
                               .much_memory()
                               .set("/layout/ep", "8")
                               .stack([](Stack& stack) { stack.all_to_all.backend = AllToAllBackend::nccl; })
                               .profile([=](ProfileFile& file) {
                                 Entry timed;
                                 timed.op = TimedOperator::all_to_all;
                                 timed.gpu = file.entries.front().gpu;
                                 timed.source = file.entries.front().source;
                                 timed.provenance = provenance;
                                 for (double i = 0; i < num_entries; ++i) {
                                   timed.axes = {{"num_gpus", 8}, {"bytes", 1e3 * std::pow(1e6, i)}};
                                   timed.time = Seconds(1e-5 * std::pow(300, i));
                                   file.entries.push_back(timed);
                                 }
                               }));
  };
  const ProvenanceFractions measured = origin(Provenance::measured, 2);
  EXPECT_GT(measured.measured, 0.5);
  EXPECT_EQ(measured.derived, 0);
  EXPECT_EQ(measured.published, 0);
  EXPECT_NEAR(origin(Provenance::published, 2).published, measured.measured, 1e-12);
  const ProvenanceFractions counted = origin(Provenance::measured, 0);
  EXPECT_GT(counted.derived, 0.5);
  EXPECT_EQ(counted.measured, 0);
}

}  // namespace
}  // namespace moesim
