#include "sim/routing/expert_moves.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/routing/eplb.hpp"

namespace moesim {
namespace {

using Moves = std::vector<ExpertMove>;

/// Two nodes of two GPUs with two slots each.
ExpertPlacement placed(std::vector<int> slots) {
  return {4, 4, 2, std::move(slots)};
}

const ExpertPlacement kOld = placed({0, 1, 2, 3, 0, 1, 2, 3});

TEST(ExpertMoves, OrderInsideAGpuCostsNothing) {
  const ExpertPlacement next = keeping_slots(kOld, placed({1, 0, 3, 2, 1, 0, 2, 3}));
  EXPECT_EQ(next, kOld);
  EXPECT_EQ(expert_moves(kOld, next), Moves{});
}

// GPU 1 goes on holding 3 and gets 0 in the slot that 2 leaves; GPU 2 gets 0 once more in place of 1.
TEST(ExpertMoves, WhatStaysKeepsItsSlot) {
  const ExpertPlacement next = keeping_slots(kOld, placed({1, 0, 0, 3, 0, 0, 3, 2}));
  EXPECT_EQ(next.slot_expert, (std::vector<int>{0, 1, 0, 3, 0, 0, 2, 3}));
  // Slot 2 from GPU 0 of its node, slot 5 from its own GPU 2.
  EXPECT_EQ(expert_moves(kOld, next), (Moves{{2, 0, 0}, {5, 0, 2}}));
}

// Node 0 holds experts 0 to 3, node 1 only 2 and 3 twice. Both GPUs of node 1 take one of 0 and 1 from node
// 0.
TEST(ExpertMoves, SourcesAreNearAndShared) {
  const ExpertPlacement old = placed({0, 1, 0, 1, 2, 3, 2, 3});
  const ExpertPlacement next = placed({0, 1, 0, 1, 0, 3, 2, 1});
  // Expert 0 is on GPUs 0 and 1, both in the other node: the lower. Then GPU 0 has sent one, so GPU 1.
  EXPECT_EQ(expert_moves(old, next), (Moves{{4, 0, 0}, {7, 1, 1}}));
}

TEST(ExpertMoves, RefusesOtherSizes) {
  EXPECT_THROW(expert_moves(kOld, contiguous_placement({4, 8, 4, 4})), std::invalid_argument);
  EXPECT_THROW(keeping_slots(kOld, contiguous_placement({4, 12, 4, 2})), std::invalid_argument);
  EXPECT_THROW(keeping_slots(kOld, placed({0, 0, 0, 0, 1, 1, 2, 2})), std::invalid_argument);
}

// 7168 x 2048 x 3 = 44,040,192 values; 56 x 16 x 3 blocks of 128 x 128 with 4 bytes.
TEST(ExpertMoves, BytesOfDeepSeekV3Experts) {
  const ModelSpec v3 = load_model("deepseek-v3");
  EXPECT_EQ(expert_bytes(v3, NumberFormat::fp8).value(), 44040192 + 56 * 16 * 3 * 4);
  EXPECT_EQ(expert_bytes(v3, NumberFormat::bf16).value(), 2 * 44040192);
  EXPECT_EQ(expert_bytes(v3, NumberFormat::mxfp8).value(), 44040192 + 44040192 / 32);
}

ClusterSpec cluster() {
  ClusterSpec spec;
  spec.nvlink = {BytesPerSecond(200e9), Seconds(2e-6)};
  spec.nic = {BytesPerSecond(50e9), 0.8, Seconds(10e-6), 0};  // 40 GB/s usable
  return spec;
}

// Slot 0 and 1 of GPU 0 take experts from GPU 1, slot 2 of GPU 1 from GPU 0, slot 4 from GPU 0 of the other
// node, slot 5 from its own GPU 2. GPU 0 receives two experts over NVLink: 2 x 40 MB / 200 GB/s = 400 us.
// One crosses a NIC: 40 MB / 40 GB/s = 1 ms, the longer; and its latency of 10 us.
TEST(ExpertMoves, TheBusiestPortTakesTheTime) {
  MoveTraffic traffic(4);
  const Moves moves{{0, 2, 1}, {1, 3, 1}, {2, 0, 0}, {4, 0, 0}, {5, 1, 2}};
  traffic.add(kOld, moves);
  EXPECT_EQ(traffic.nvlink_in, (std::vector<int>{2, 1, 0, 0}));
  EXPECT_EQ(traffic.nvlink_out, (std::vector<int>{1, 2, 0, 0}));
  EXPECT_EQ(traffic.nic_in, (std::vector<int>{0, 0, 1, 0}));
  EXPECT_EQ(traffic.nic_out, (std::vector<int>{1, 0, 0, 0}));
  EXPECT_EQ(traffic.nvlink_total(), 3);
  EXPECT_EQ(traffic.nic_total(), 1);
  EXPECT_NEAR(move_time(traffic, Bytes(40e6), cluster()).value(), 1.01e-3, 1e-12);

  MoveTraffic inside(4);
  inside.add(kOld, std::span(moves).first(3));
  EXPECT_NEAR(move_time(inside, Bytes(40e6), cluster()).value(), 402e-6, 1e-12);
  inside.add(kOld, std::span(moves).first(3));  // a second layer at once
  EXPECT_NEAR(move_time(inside, Bytes(40e6), cluster()).value(), 802e-6, 1e-12);
  EXPECT_EQ(move_time(MoveTraffic(4), Bytes(40e6), cluster()).value(), 0);
  EXPECT_THROW(MoveTraffic(8).add(kOld, moves), std::invalid_argument);
}

TEST(ExpertMoves, MovesLeadFromTheOldToTheNew) {
  std::vector<double> before(256), after(256);
  for (std::size_t e = 0; e < 256; ++e) {
    before[e] = static_cast<double>(100 + e * 37 % 211);
    after[e] = static_cast<double>(100 + e * 53 % 307);
  }
  const ExpertPlacement old = eplb_placement(before, {288, 8, 4, 32});
  const ExpertPlacement wanted = eplb_placement(after, {288, 8, 4, 32});
  const ExpertPlacement next = keeping_slots(old, wanted);
  const std::vector<double> wanted_load = gpu_load(wanted, after);
  const std::vector<double> next_load = gpu_load(next, after);
  for (std::size_t g = 0; g < 32; ++g) EXPECT_NEAR(next_load[g], wanted_load[g], 1e-9 * wanted_load[g]);
  ExpertPlacement played = old;
  for (const ExpertMove& move : expert_moves(old, next)) {
    played.slot_expert[static_cast<std::size_t>(move.slot)] = move.expert;
    bool held = false;
    for (int slot = move.source_gpu * 9; slot < move.source_gpu * 9 + 9; ++slot) {
      held |= old.slot_expert[static_cast<std::size_t>(slot)] == move.expert;
    }
    EXPECT_TRUE(held);
  }
  EXPECT_EQ(played, next);
  EXPECT_LE(expert_moves(old, next).size(), expert_moves(old, wanted).size());
}

}  // namespace
}  // namespace moesim
