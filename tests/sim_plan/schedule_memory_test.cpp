// What each schedule keeps in memory.
#include <gtest/gtest.h>

#include "tests/sim_plan/deepseek_v3.hpp"

namespace moesim {
namespace {

MemoryPlan memory_with(const PlanInput& input) {
  return make_plan_ignoring_memory(input).memory;
}

/// Sixteen layers alike, on 4 pipeline ranks of one GPU each.
PlanInput alike_layers(ScheduleKind schedule, int vpp, int num_microbatches) {
  PlanInput input = test::small_input(1);
  input.model.num_layers = 16;
  input.layout.schedule = schedule;
  input.layout.pp = 4;
  input.layout.ep = 1;
  input.layout.vpp = vpp;
  input.recipe.global_batch = 2 * num_microbatches;
  const auto stages = static_cast<std::size_t>(num_stages(input.layout.pipeline()));
  input.layout.stage_layers.assign(stages, 16 / static_cast<int>(stages));
  return input;
}

/// Layers times micro-batches whose activations a rank keeps at the peak, by the dispatched rows: 2 x 512
/// tokens of 1024 values in BF16 each, as deferred ones have them, too.
std::vector<double> layers_kept(const PlanInput& input) {
  std::vector<double> kept;
  for (const MemoryItems& rank : memory_with(input).ranks) {
    kept.push_back(rank.of(MemoryItem::expert_inputs).value() / (2 * 512 * 1024 * 2));
  }
  return kept;
}

// The table of docs/training-model.md with PP 4 and 32 micro-batches, times the layers of a stage: 4 of one
// stage a rank, 2 of two.
TEST(ScheduleMemory, KeepsTheActivationsOfEachSchedule) {
  const auto kept = [](ScheduleKind schedule, int vpp = 1) {
    return layers_kept(alike_layers(schedule, vpp, 32));
  };
  using Layers = std::vector<double>;
  EXPECT_EQ(kept(ScheduleKind::one_f_one_b), (Layers{16, 12, 8, 4}));
  EXPECT_EQ(kept(ScheduleKind::gpipe), (Layers{128, 128, 128, 128}));
  EXPECT_EQ(kept(ScheduleKind::interleaved_1f1b, 2), (Layers{2 * 11, 2 * 9, 2 * 7, 2 * 5}));
  EXPECT_EQ(kept(ScheduleKind::interleaved_1f1b, 4), (Layers{19, 17, 15, 13}));
  EXPECT_EQ(kept(ScheduleKind::one_f_one_b_overlap, 2), (Layers{2 * 12, 2 * 10, 2 * 8, 2 * 6}));
  EXPECT_EQ(kept(ScheduleKind::one_f_one_b_overlap), (Layers{4 * 8, 4 * 6, 4 * 4, 4 * 2}));
  EXPECT_EQ(kept(ScheduleKind::zb1p), (Layers{16, 16, 16, 16}));
  // Later ranks need most where fewer micro-batches keep output gradients, too.
  const Layers vee = kept(ScheduleKind::zbv);
  EXPECT_EQ(vee[0], 16);
  for (const double layers : vee) EXPECT_LE(layers, 16);
}

// 2 PP + 1 stages in flight of two layers each on DualPipeV's ranks, or one less with output gradients that
// wait.
TEST(ScheduleMemory, DualPipeVKeepsWhatDualPipeDoes) {
  for (const double layers : layers_kept(alike_layers(ScheduleKind::dualpipev, 1, 32))) {
    EXPECT_GE(layers, 2 * 8);
    EXPECT_LE(layers, 2 * 9);
  }
}

TEST(ScheduleMemory, MoreMicrobatchesNeedMoreMemoryUnderGPipeAlone) {
  for (const ScheduleRow& row : kSchedules) {
    const int vpp = row.kind == ScheduleKind::interleaved_1f1b ? 2 : 1;
    const Bytes few = memory_with(alike_layers(row.kind, vpp, 16)).peak();
    const Bytes many = memory_with(alike_layers(row.kind, vpp, 48)).peak();
    if (row.kind == ScheduleKind::gpipe) {
      EXPECT_GT(many, few);
    } else {
      EXPECT_EQ(many, few) << row.name;
    }
  }
}

// Output gradients wait for weight passes on the later ranks of ZB1P, one micro-batch's at least everywhere.
TEST(ScheduleMemory, ZeroBubbleKeepsOutputGradients) {
  const MemoryPlan memory = memory_with(alike_layers(ScheduleKind::zb1p, 1, 32));
  for (std::size_t rank = 1; rank < 4; ++rank) {
    EXPECT_GT(memory.ranks[rank].of(MemoryItem::deferred_gradients),
              memory.ranks[rank - 1].of(MemoryItem::deferred_gradients));
  }
  EXPECT_EQ(
      memory_with(alike_layers(ScheduleKind::one_f_one_b, 1, 32)).ranks[3].of(MemoryItem::deferred_gradients),
      Bytes{});
}

// One copy of each parameter in all ranks together, two under DualPipe.
TEST(ScheduleMemory, DualPipeAloneKeepsTwoCopiesOfTheWeights) {
  const auto weights = [](ScheduleKind schedule) {
    Bytes sum;
    for (const MemoryItems& rank : memory_with(alike_layers(schedule, 1, 32)).ranks) {
      sum += rank.of(MemoryItem::weights);
    }
    return sum.value();
  };
  const double once = weights(ScheduleKind::one_f_one_b);
  for (const ScheduleKind kind : {ScheduleKind::zb1p, ScheduleKind::zbv, ScheduleKind::dualpipev}) {
    EXPECT_NEAR(weights(kind) / once, 1, 1e-12);
  }
  EXPECT_NEAR(weights(ScheduleKind::dualpipe) / once, 2, 1e-12);
}

}  // namespace
}  // namespace moesim
