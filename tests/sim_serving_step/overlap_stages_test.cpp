#include "sim/serving/step/overlap_stages.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

constexpr double kExact = 1e-12;

TEST(StageTime, IsTheLongerOfComputationAndTransfer) {
  // 6 s at half rate beside a transfer of 20 s: computes 12 s, 8 s of the transfer are exposed.
  const StageTime hidden = stage_time(6, 20, {0.5, 1});
  EXPECT_NEAR(hidden.total, 20, kExact);
  EXPECT_NEAR(hidden.compute, 12, kExact);
  EXPECT_NEAR(hidden.exposed(), 8, kExact);
  // Beside 10 s of transfer half of 10 s is done, 5 s of work are left, at 0.8 of the rate 6.25 s.
  const StageTime longer = stage_time(10, 10, {0.5, 0.8});
  EXPECT_NEAR(longer.total, 16.25, kExact);
  EXPECT_NEAR(longer.exposed(), 0, kExact);
}

TEST(FiveStages, HideADispatchBehindSharedExpertsAndTheInputOfAttention) {
  MicroBatchTimes one{.attention_in = 50, .attention_core = 180, .gate = 20, .shared = 30, .experts = 100};
  // Without transfers both micro-batches compute, one after the other: 2 x 380.
  EXPECT_NEAR(five_stage_layer(one).total(), 760, kExact);
  one.dispatch = 90;  // 10 of kernels and 80 of network, as much as 50 + 30 of computation
  one.dispatch_kernels = 10;
  one.combine = 230;  // 15 of kernels and 215 of network beside 180 + 20
  one.combine_kernels = 15;
  const MoeLayerTime layer = five_stage_layer(one);
  EXPECT_NEAR(layer.communication, 2 * (10 + 15 + 15), kExact);
  EXPECT_NEAR(layer.total(), 760 + 80, kExact);
  EXPECT_NEAR(layer.attention, 2 * 230, kExact);
  EXPECT_NEAR(layer.dense, 2 * 50, kExact);
}

TEST(TwoBatches, PairEachTransferWithAttentionAndWithExperts) {
  MicroBatchTimes one;
  one.attention_in = 3;
  one.attention_core = 4;
  one.gate = 0.5;
  one.shared = 0.5;
  one.experts = 6;
  one.dispatch = 5;
  one.combine = 12;
  // At 0.8 of the rate; behind a transfer the rest at the full rate. Beside dispatches: attention and gate
  // 5 + (7.5 - 4) = 8.5, experts 5 + (6 - 4) = 7. Beside combines 12 each: experts and shared compute
  // 6.5 / 0.8 = 8.125, attention, gate and shared 8 / 0.8 = 10.
  const MoeLayerTime layer = two_batch_layer(one, {0.8, 1});
  EXPECT_NEAR(layer.total(), 8.5 + 7 + 12 + 12, kExact);
  EXPECT_NEAR(layer.communication, (12 - 8.125) + (12 - 10), kExact);
  EXPECT_NEAR(layer.attention, 8.5 * 7 / 7.5 + 7 / 0.8, kExact);
  EXPECT_NEAR(layer.experts, 7 + 6 / 0.8, kExact);
  EXPECT_NEAR(layer.dense, 8.5 * 0.5 / 7.5 + 1.5 / 0.8, kExact);
}

TEST(SerialLayer, IsTheSum) {
  const MicroBatchTimes one{.attention_in = 1,
                            .attention_core = 2,
                            .gate = 3,
                            .shared = 4,
                            .experts = 5,
                            .dispatch = 6,
                            .combine = 7};
  EXPECT_NEAR(serial_layer(one).total(), 28, kExact);
  EXPECT_NEAR(serial_layer(one).communication, 13, kExact);
}

/// With equal compute and transfers overlap is never slower than its parts in turn.
TEST(Overlap, IsAtMostTheSum) {
  for (double transfer = 0; transfer < 20; transfer += 0.7) {
    const MicroBatchTimes one{.attention_in = 2,
                              .attention_core = 3,
                              .gate = 1,
                              .shared = 1,
                              .experts = 4,
                              .dispatch = transfer,
                              .combine = 2 * transfer,
                              .dispatch_kernels = transfer / 8,
                              .combine_kernels = transfer / 8};
    const double in_turn = 2 * serial_layer(one).total();
    EXPECT_LE(five_stage_layer(one).total(), in_turn + kExact) << transfer;
    EXPECT_LE(two_batch_layer(one, {1, 1}).total(), in_turn + kExact) << transfer;
  }
}

}  // namespace
}  // namespace moesim
