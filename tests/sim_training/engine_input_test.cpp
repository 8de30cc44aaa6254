#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/math.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

/// The GPUs of a step; the graph goes with it.
struct Gpus {
  TrainingInputs inputs;
  StepGraph step;
  EngineInput input;

  explicit Gpus(const V3Step& v3, const StepParts& parts = {}, int threads = 1)
      : inputs(v3.inputs()),
        step(build_step(inputs, parts)),
        input(engine_input(inputs, step, parts, threads)) {}
};

V3Step every_gpu() {
  return V3Step::shortest().set("/gpus", "every");
}

bool same(const GpuState& a, const GpuState& b) {
  return a.compute_slowdown == b.compute_slowdown && a.expert_load == b.expert_load &&
         a.nic_out_Bps == b.nic_out_Bps && a.nic_in_Bps == b.nic_in_Bps && a.nvlink_Bps == b.nvlink_Bps;
}
bool same(const EngineInput& a, const EngineInput& b) {
  return std::ranges::equal(a.gpus, b.gpus, [](const auto& x, const auto& y) { return same(x, y); });
}

/// One per pipeline rank, with the fullest rank's experts and the cluster's ports: 0.95 x 400 Gb/s, 160 GB/s.
TEST(Representatives, AreOnePerPipelineRank) {
  const Gpus gpus(V3Step::shortest());
  EXPECT_EQ(gpus.input.gpus.size(), 16u);
  EXPECT_EQ(gpus.input.members, 1);
  EXPECT_EQ(gpus.input.columns, 1);
  EXPECT_EQ(gpus.input.graph, &gpus.step.graph);
  for (const GpuState& gpu : gpus.input.gpus) {
    EXPECT_EQ(gpu.expert_load, 1.2);
    EXPECT_GT(gpu.compute_slowdown, 1);
    EXPECT_DOUBLE_EQ(gpu.nic_out_Bps, 47.5e9);
    EXPECT_DOUBLE_EQ(gpu.nic_in_Bps, 47.5e9);
    EXPECT_DOUBLE_EQ(gpu.nvlink_Bps, 160e9);
  }
  EXPECT_EQ(gpus.input.jitter_sigma, 0.02);
}

TEST(Representatives, PartsThatAreLeftOut) {
  const Gpus gpus(V3Step::shortest(), {.expert_load = false, .gpu_spread = false, .jitter = false});
  for (const GpuState& gpu : gpus.input.gpus) {
    EXPECT_EQ(gpu.expert_load, 1);
    EXPECT_EQ(gpu.compute_slowdown, 1);
  }
  EXPECT_EQ(gpus.input.jitter_sigma, 0);
  EXPECT_EQ(jitter_of_slowest(gpus.inputs, {.jitter = false}), 0);
}

/// The slowest of 64, of speed and jitter together over that of speed alone: e (sqrt(s^2 + j^2) - s) with the
/// expected maximum e = 2.344.
TEST(Representatives, JitterOfTheSlowestOf64) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  EXPECT_NEAR(jitter_of_slowest(inputs, {}), 2.344 * (0.025 - 0.015), 1e-5);
  EXPECT_NEAR(jitter_of_slowest(inputs, {.gpu_spread = false}), 2.344 * 0.02, 2e-5);
  EXPECT_EQ(jitter_of_slowest(every_gpu().inputs(), {}), 0);
}

TEST(EveryGpu, AllOfTheCluster) {
  const Gpus gpus(every_gpu(), {}, 2);
  EXPECT_EQ(gpus.input.gpus.size(), 2048u);
  EXPECT_EQ(gpus.input.members, 64);  // an expert group
  EXPECT_EQ(gpus.input.columns, 2);   // 2048 / (16 x 64)
  EXPECT_EQ(gpus.input.threads, 2);
}

TEST(EveryGpu, LoadsOfAGroupHaveMeanOneAndTheStatedMaximum) {
  const Gpus gpus(every_gpu());
  const auto& all = gpus.input.gpus;
  for (std::size_t first = 0; first < all.size(); first += 64) {
    std::vector<double> loads;
    for (std::size_t i = first; i < first + 64; ++i) loads.push_back(all[i].expert_load);
    EXPECT_NEAR(mean(loads), 1, 1e-12);
    EXPECT_DOUBLE_EQ(*std::ranges::max_element(loads), 1.2);
    EXPECT_GE(*std::ranges::min_element(loads), 0.8 - 1e-12);
  }
}

TEST(EveryGpu, GroupsAreDealtDifferently) {
  const Gpus gpus(every_gpu());
  const auto hottest = [&](std::size_t group) {
    const auto first = gpus.input.gpus.begin() + static_cast<std::ptrdiff_t>(group * 64);
    return std::ranges::max_element(first, first + 64, {}, &GpuState::expert_load) - first;
  };
  std::set<std::ptrdiff_t> places;
  for (std::size_t group = 0; group < 32; ++group) places.insert(hottest(group));
  EXPECT_GT(places.size(), 16u);  // 32 draws of 64 places meet less often
}

TEST(EveryGpu, BalancedLoadsAreAllOne) {
  const Gpus gpus(every_gpu().balanced());
  for (const GpuState& gpu : gpus.input.gpus) EXPECT_EQ(gpu.expert_load, 1);
}

TEST(EngineInput, TheSeedDecides) {
  for (const char* detail : {"every", "representative"}) {
    const auto of_seed = [&](const char* seed) {
      return Gpus(V3Step::shortest().set("/gpus", detail).set("/seed", seed));
    };
    EXPECT_TRUE(same(of_seed("1").input, of_seed("1").input));
    EXPECT_FALSE(same(of_seed("1").input, of_seed("2").input));
    EXPECT_EQ(of_seed("7").input.seed, 7u);
  }
}

/// In passes that run alone a GEMM that meets a transfer keeps 112/132 x 0.92 of its rate; kernels of pairs
/// are made for the SMs that are left and keep all of theirs, unless they share SMs freely.
TEST(EngineInput, ReservedSms) {
  for (const bool fixed : {true, false}) {
    const Gpus gpus(V3Step::shortest().stack([&](Stack& stack) { stack.fixed_sm_partition = fixed; }));
    double least_alone = 1, least_paired = 1;
    for (const auto& program : gpus.step.graph.programs) {
      for (const Operation& op : program) {
        double& least = op.pass == PassKind::forward_backward ? least_paired : least_alone;
        if (op.layer == test::kMoeLayer) least = std::min(least, gpus.step.graph.cost_of(op).overlapped_rate);
      }
    }
    EXPECT_EQ(least_paired, fixed ? 1 : least_alone);
    EXPECT_GE(least_alone, 112.0 / 132 * 0.92);
    EXPECT_LT(least_alone, 112.0 / 132);
  }
}

}  // namespace
}  // namespace moesim
