// What the step does when an input of its kernels, of the GPU or of the host changes, by as much as physics
// says.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "sim/training/training_run.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::kComputation;
using test::moe_work;
using test::Replayed;
using test::V3Step;

/// Attention core of 4096 tokens, forward: 1263 us in the table, at the sustained rate.
constexpr double kCore = 1263e-6 / 0.92;
constexpr double kHbm = 3.35e12;

std::array<PhaseWork, 6> phases_of(const TrainingInputs& inputs) {
  const LayerWork work = moe_work(inputs);
  return {work.attention_forward, work.attention_backward, work.attention_weight,
          work.mlp_forward,       work.mlp_backward,       work.mlp_weight};
}

V3Step all_kernels(V3Step step, double factor) {
  return step.stack([&](Stack& stack) {
    for (KernelSource& kernel : stack.kernels) kernel.factor = factor;
  });
}

TEST(KernelFactors, SlowGemmsAndAttentionAndNothingElse) {
  const auto before = phases_of(V3Step::plain().inputs());
  const auto after = phases_of(all_kernels(V3Step::plain(), 1.1).inputs());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(after[i].kernels_s, 1.1 * before[i].kernels_s, 1e-12);
    EXPECT_NEAR(after[i].alone_s - before[i].alone_s, 0.1 * before[i].kernels_s, 1e-12);
    EXPECT_EQ(after[i].ideal_s, before[i].ideal_s);
  }
}

/// With small kernels and gaps slower as well, a step of computation alone takes 10 % more: its critical path
/// is a sum of times that all have grown.
TEST(KernelFactors, TenPercentOfEverythingIsTenPercentOfTheComputation) {
  const V3Step slow = all_kernels(V3Step::plain(), 1.1)
                          .constant("small_kernel_bandwidth", 0.8 / 1.1)
                          .constant("small_kernel_floor", 2e-6 * 1.1)
                          .constant("kernel_gap", 3.8e-6 * 1.1);
  const double before = V3Step::plain().seconds(kComputation);
  EXPECT_NEAR(slow.seconds(kComputation), 1.1 * before, 1e-5 * before);
}

TEST(SustainedRate, HalvedItDoublesKernels) {
  const auto before = phases_of(V3Step::plain().inputs());
  const auto after = phases_of(V3Step::plain().constant("sustained_rate", 0.46).inputs());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(after[i].kernels_s, 2 * before[i].kernels_s, 1e-12);
  }
}

/// Attention W is GEMMs alone: kernels x 132/112 / contention and its gaps.
TEST(ComputeContention, DividesTheRateOfGemmsInPairs) {
  for (const double contention : {0.92, 0.46, 1.0}) {
    const PhaseWork work =
        moe_work(V3Step::plain().constant("compute_contention", contention).inputs()).attention_weight;
    EXPECT_NEAR(work.paired_s, work.kernels_s * 132 / 112 / contention + 5 * 3.8e-6, 1e-12);
    EXPECT_NEAR(work.alone_s, work.kernels_s + 5 * 3.8e-6, 1e-12);
  }
}

/// The core keeps 112/132 x 1.085 of its rate; without contention 112/132.
TEST(AttentionContention, DividesTheRateOfTheCoreInPairs) {
  const LayerWork before = moe_work(V3Step::plain().inputs());
  const LayerWork after = moe_work(V3Step::plain().constant("attention_contention", 1).inputs());
  EXPECT_NEAR(after.attention_forward.paired_s - before.attention_forward.paired_s,
              kCore * 132 / 112 * (1 - 1 / 1.085), 1e-9);
  // The backward of the core is 3.4 times the forward.
  EXPECT_NEAR(after.attention_backward.paired_s - before.attention_backward.paired_s,
              3.4 * kCore * 132 / 112 * (1 - 1 / 1.085), 1e-9);
  EXPECT_EQ(after.mlp_forward.paired_s, before.mlp_forward.paired_s);
}

TEST(AttentionBackwardRatio, IsTheBackwardOfTheCore) {
  const LayerWork before = moe_work(V3Step::plain().inputs());
  const LayerWork after = moe_work(V3Step::plain().constant("attention_backward_ratio", 4.4).inputs());
  EXPECT_NEAR(after.attention_backward.kernels_s - before.attention_backward.kernels_s, kCore, 1e-9);
  EXPECT_EQ(after.attention_forward.kernels_s, before.attention_forward.kernels_s);
}

/// GEMMs in pairs have the SMs that communication leaves; none taken, they are not slowed by SMs.
TEST(CommunicationSms, TakeTheirShareOfComputation) {
  double last = 0;
  for (const int num_sms : {0, 8, 20, 40}) {
    const TrainingInputs inputs =
        V3Step::plain().stack([&](Stack& stack) { stack.all_to_all.num_sms = num_sms; }).inputs();
    const PhaseWork work = moe_work(inputs).attention_weight;
    EXPECT_NEAR(work.paired_s, work.kernels_s * 132 / (132 - num_sms) / 0.92 + 5 * 3.8e-6, 1e-12) << num_sms;
    const Replayed step(inputs, kComputation);
    EXPECT_GT(step.result.makespan_s, last);
    last = step.result.makespan_s;
    const Replayed whole(inputs);
    EXPECT_EQ(whole.cost(Phase::dispatch_forward, PassKind::forward).holds_sms, num_sms > 0);
  }
}

/// A fixed partition is paid whether communication runs or not, so without it a step is no slower.
TEST(FixedSmPartition, CostsNoLessThanSharing) {
  const V3Step sharing = V3Step::plain().stack([](Stack& stack) { stack.fixed_sm_partition = false; });
  EXPECT_LT(sharing.seconds(), V3Step::plain().seconds());
  // Without any transfer nothing takes SMs, and pairs run at the rate of passes alone.
  const TrainingInputs inputs = sharing.inputs();
  const Replayed free(inputs, kComputation);
  const LayerWork work = moe_work(inputs);
  EXPECT_NEAR(free.phase_s(Phase::mlp_weight, test::kMoeLayer), 32 * work.mlp_weight.alone_s, 1e-9);
}

/// One phase of a layer's 32 passes, half of them alone: a gap of 1 us more after each of its launches.
TEST(KernelGap, LengthensEveryPhaseByItsLaunches) {
  const Replayed before(V3Step::plain().inputs(), kComputation);
  const Replayed after(V3Step::plain().constant("kernel_gap", 4.8e-6).inputs(), kComputation);
  const LayerWork work = moe_work(V3Step::plain().inputs());
  EXPECT_NEAR(after.phase_s(Phase::attention_forward, test::kMoeLayer) -
                  before.phase_s(Phase::attention_forward, test::kMoeLayer),
              32 * work.attention_forward.launches * 1e-6, 1e-9);
  EXPECT_GT(after.result.makespan_s, before.result.makespan_s);
}

/// Small kernels are bound by HBM (but for the shortest, 2 us): at half the bandwidth what is no GEMM, no
/// attention and no gap takes up to twice as long. So does the optimizer.
TEST(HbmBandwidth, HalvedItDoublesSmallKernels) {
  const TrainingInputs whole = V3Step::plain().inputs();
  const TrainingInputs half =
      V3Step::plain().constant("small_kernel_bandwidth", 0.4).constant("small_kernel_floor", 4e-6).inputs();
  const auto before = phases_of(whole), after = phases_of(half);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double small_s = before[i].alone_s - before[i].kernels_s - before[i].launches * 3.8e-6;
    EXPECT_NEAR(after[i].alone_s - before[i].alone_s, small_s, 1e-12);
  }
  const Replayed a(whole), b(half);
  const auto optimizer_s = [](const Replayed& step) {
    return step.phase_s(Phase::optimizer) - 16 * 0.05;  // less the gradient norm
  };
  EXPECT_NEAR(optimizer_s(b), 2 * optimizer_s(a), 1e-6);
}

TEST(OptimizerConstants, AreWhatTheySay) {
  const auto optimizer_s = [](const V3Step& step) {
    return Replayed(step.inputs()).result.ranks[5].phase_s[static_cast<std::size_t>(Phase::optimizer)];
  };
  const double before = optimizer_s(V3Step::plain());
  EXPECT_NEAR(optimizer_s(V3Step::plain().constant("gradient_norm", 0.08)) - before, 0.03, 1e-9);
  // Parameters of an inner rank: 1.4093 G routed with two replicas, 1.8639 G others with 128, each on two
  // ranks.
  const double shard = 1.4093e9 / 4 + 1.8639e9 / 256, all = 1.4093e9 + 1.8639e9;
  EXPECT_NEAR(optimizer_s(V3Step::plain().constant("optimizer_traffic", 28)) - before,
              10 * shard / (0.8 * kHbm), 1e-6);
  EXPECT_NEAR(optimizer_s(V3Step::plain().constant("requantise", 4)) - before, all / (0.8 * kHbm), 1e-6);
}

/// A launch of 1 ms makes the host the slowest lane: a step then takes the launches of the rank with most of
/// them, and at most the work of a whole step besides.
TEST(Launch, SoDearThatTheHostIsTheFloor) {
  const Replayed step(V3Step::plain().constant("launch", 1e-3).inputs());
  double floor_s = 0;
  for (const auto& program : step.step.graph.programs) {
    double host_s = 0;
    for (const Operation& op : program) host_s += step.step.graph.cost_of(op).issue_s;
    floor_s = std::max(floor_s, host_s);
  }
  EXPECT_GT(floor_s, 20);
  EXPECT_GE(step.result.makespan_s, floor_s);
  EXPECT_LE(step.result.makespan_s, floor_s + V3Step::plain().seconds());
}

/// At 7.5 us the host is far ahead: 158 launches and 14 kernels of transfers are 1.3 ms of a pair's 32 ms.
TEST(Launch, AsShippedHidesBehindTheGpu) {
  const double before = V3Step::plain().seconds();
  EXPECT_NEAR(V3Step::plain().constant("launch", 15e-6).seconds(), before, 2e-3 * before);
}

/// A host that waits for every transfer issues nothing beside it: all that pairs hid is exposed, and each
/// transfer takes the 0.1 ms of the wait longer.
TEST(HostWaits, ExposeEveryTransfer) {
  const V3Step waiting = V3Step::plain().stack([](Stack& stack) {
    for (SyncPoint& point : stack.sync_points) {
      if (point.members == SyncMembers::expert_group) point.host_waits = true;
    }
  });
  const Replayed before(V3Step::plain().inputs()), after(waiting.inputs());
  EXPECT_NEAR(after.cost(Phase::combine_forward, PassKind::forward).delay_s -
                  before.cost(Phase::combine_forward, PassKind::forward).delay_s,
              1e-4, 1e-12);
  const RankTimes& rank = after.result.ranks[3];
  EXPECT_GE(rank.exposed_communication_s, rank.busy_s[static_cast<std::size_t>(Lane::communication)]);
  EXPECT_GE(after.result.makespan_s,
            rank.exposed_communication_s + rank.busy_s[static_cast<std::size_t>(Lane::computation)]);
  EXPECT_LT(before.result.ranks[3].exposed_communication_s, 0.5 * rank.exposed_communication_s);
}

/// The kernels before and after the backward of the attention core are inside its ratio; if they ran apart
/// they would be two launches more, bound by HBM.
TEST(Fused, KernelsCostNothing) {
  const V3Step apart = V3Step::plain().stack([](Stack& stack) { stack.fused.clear(); });
  const PhaseWork before = moe_work(V3Step::plain().inputs()).attention_backward;
  const PhaseWork after = moe_work(apart.inputs()).attention_backward;
  EXPECT_EQ(after.launches, before.launches + 2);
  EXPECT_EQ(after.kernels_s, before.kernels_s);
  EXPECT_GT(after.alone_s, before.alone_s + 2 * 3.8e-6);
}

/// The forward of an MoE layer has four RMSNorms, of the layer's input, of the two latents and of the MLP's
/// input: (4 + 4) x 7168, 2 x 1536, 2 x 512 BF16 values a token at 0.8 x 3.35 TB/s, once more with twice the
/// bytes.
TEST(SmallKernelBytes, MultiplyTheBytesOfAClass) {
  const V3Step twice = V3Step::plain().stack([](Stack& stack) { stack.small_kernel_bytes["rms_norm"] = 2; });
  const double bytes = 4096.0 * 2 * (8 * 7168 + 2 * 1536 + 2 * 512);
  EXPECT_NEAR(moe_work(twice.inputs()).attention_forward.alone_s -
                  moe_work(V3Step::plain().inputs()).attention_forward.alone_s,
              bytes / (0.8 * kHbm), 1e-9);
}

TEST(NumKernels, AreLaunchesOfTheHost) {
  const V3Step many =
      V3Step::plain().stack([](Stack& stack) { stack.num_kernels["dispatch_forward"] = 104; });
  const Replayed before(V3Step::plain().inputs()), after(many.inputs());
  EXPECT_NEAR(after.cost(Phase::dispatch_forward, PassKind::forward).issue_s -
                  before.cost(Phase::dispatch_forward, PassKind::forward).issue_s,
              100 * 7.5e-6, 1e-12);
}

/// FP8 doubles the peak of linear layers: the MLP is nothing but linear layers. Casts and FP8 copies go.
TEST(Precision, Bf16HalvesThePeakOfLinearLayers) {
  const V3Step bf16 = V3Step::plain().much_memory().set("/recipe/precision", "bf16");
  const LayerWork fp8 = moe_work(V3Step::plain().inputs()), wide = moe_work(bf16.inputs());
  EXPECT_NEAR(wide.mlp_forward.ideal_s, fp8.mlp_forward.ideal_s * 1978.9 / 989.4, 1e-9);
  EXPECT_NEAR(wide.mlp_weight.ideal_s, fp8.mlp_weight.ideal_s * 1978.9 / 989.4, 1e-9);
  EXPECT_LT(wide.mlp_backward.launches, fp8.mlp_backward.launches);
  EXPECT_EQ(wide.combine_cast_s, 0);
  EXPECT_GT(bf16.seconds(), V3Step::plain().seconds());
}

/// The datasheet's BF16 peak is what MFU is measured by; no operator has its time from it here.
TEST(PeakRate, IsADenominatorOnly) {
  const V3Step twice = V3Step::plain().profile(
      [](ProfileFile& file) { file.gpu.peak_fp8 = FlopsPerSecond(2 * file.gpu.peak_fp8.value()); });
  const LayerWork before = moe_work(V3Step::plain().inputs()), after = moe_work(twice.inputs());
  EXPECT_NEAR(after.mlp_forward.ideal_s, before.mlp_forward.ideal_s / 2, 1e-12);
  EXPECT_EQ(after.mlp_forward.kernels_s, before.mlp_forward.kernels_s);
}

}  // namespace
}  // namespace moesim
