#include "sim/training/variation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/plan/number_walk.hpp"
#include "sim/training/training_run.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

std::size_t index_of(const std::vector<VariedInput>& inputs, const std::string& name) {
  const auto found = std::ranges::find(inputs, name, &VariedInput::name);
  EXPECT_NE(found, inputs.end()) << name;
  return static_cast<std::size_t>(found - inputs.begin());
}

TEST(VariedInputs, HoldConstantsAndNumbersWithTheirEnds) {
  const TrainingInputs step = V3Step::shortest().inputs();
  const auto inputs = varied_inputs(step);
  const VariedInput& launch = inputs[index_of(inputs, "launch")];
  const ResolvedConstant constant = step.stack.constant("launch", {});
  EXPECT_EQ(launch.owner, "deepseek-v3-fp8");
  EXPECT_EQ(launch.low, constant.low);
  EXPECT_EQ(launch.high, constant.high);
  EXPECT_TRUE(launch.stated);
  const VariedInput& load = inputs[index_of(inputs, "routing.rank_max_over_mean")];
  EXPECT_DOUBLE_EQ(load.low, 1.1);
  EXPECT_DOUBLE_EQ(load.high, 1.3);
  EXPECT_EQ(load.varied, "uncertainty");
  const VariedInput& nic = inputs[index_of(inputs, "cluster.nic.bandwidth")];
  EXPECT_DOUBLE_EQ(nic.value, 50e9);
  EXPECT_DOUBLE_EQ(nic.low, 45e9);
  EXPECT_EQ(nic.unit, "B/s");
  EXPECT_FALSE(nic.stated);
  index_of(inputs, "gpu.hbm_bandwidth");
  for (const VariedInput& input : inputs) {
    EXPECT_LE(input.low, input.value) << input.name;
    EXPECT_LE(input.value, input.high) << input.name;
    EXPECT_EQ(std::ranges::count(inputs, input.name, &VariedInput::name), 1) << input.name;
  }
}

// 0.95 +- 0.1 is 0.85 to 1: no more than all of the wire.
TEST(VariedInputs, EndsStayWithinWhatTheSpecAccepts) {
  const auto inputs =
      varied_inputs(V3Step::shortest().set("/cluster/nic/efficiency_uncertainty", "0.1").inputs());
  const VariedInput& efficiency = inputs[index_of(inputs, "cluster.nic.efficiency")];
  EXPECT_DOUBLE_EQ(efficiency.low, 0.85);
  EXPECT_EQ(efficiency.high, 1);
}

TEST(WithValues, ChangesOnlyWhatIsAsked) {
  const TrainingInputs step = V3Step::shortest().inputs();
  const auto inputs = varied_inputs(step);
  EXPECT_EQ(step_seconds(with_values(step, {}), {}), step_seconds(step, {}));
  for (const char* name :
       {"launch", "cluster.nvlink.bandwidth", "gpu.hbm_bandwidth", "routing.rank_max_over_mean"}) {
    const std::size_t i = index_of(inputs, name);
    const TrainingInputs same = with_values(step, {{i, inputs[i].value}});
    EXPECT_EQ(step_seconds(same, {}), step_seconds(step, {})) << name;
    const TrainingInputs high = with_values(step, {{i, inputs[i].high}});
    EXPECT_DOUBLE_EQ(varied_inputs(high)[i].value, inputs[i].high) << name;
    EXPECT_EQ(high.plan.stages, step.plan.stages);
    EXPECT_NE(step_seconds(high, {}), step_seconds(step, {})) << name;
  }
}

// A profile whose GEMM entries have a spread: at 1 all of them take their p90, at -1 their p10.
TEST(WithValues, MovesEntriesWithASpreadTogether) {
  TrainingInputs step = V3Step::shortest().inputs();
  ProfileFile file = step.profile->file();
  std::size_t num = 0;
  for (Entry& entry : file.entries) {
    if (entry.op != TimedOperator::gemm || entry.format != NumberFormat::fp8) continue;
    entry.p10 = 0.9;
    entry.p90 = 1.2;
    ++num;
  }
  ASSERT_GT(num, 1u);
  step.profile = CalibrationProfile(file, {}, step.profile->path());
  const auto inputs = varied_inputs(step);
  const std::size_t i = index_of(inputs, "entries.gemm.fp8");
  const auto ratio = [&](double share) {
    const TrainingInputs moved = with_values(step, {{i, share}});
    double most = 0;
    for (std::size_t e = 0; e < step.profile->entries().size(); ++e) {
      const Entry& entry = step.profile->entries()[e];
      if (entry.op != TimedOperator::gemm || entry.format != NumberFormat::fp8) continue;
      const Seconds before = time_of(entry), after = time_of(moved.profile->entries()[e]);
      most = std::max(most, after.value() / before.value());
    }
    return most;
  };
  EXPECT_GE(ratio(1), 1.2 - 1e-9);
  EXPECT_NEAR(ratio(-1), 0.9, 1e-9);
  EXPECT_LT(step_seconds(with_values(step, {{i, -1}}), {}), step_seconds(step, {}));
}

TEST(IntervalEnds, MoveOneInputAlone) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  const TrainingInputs low = at_interval_end(inputs, "kernel_gap", IntervalEnd::low);
  const TrainingInputs high = at_interval_end(inputs, "kernel_gap", IntervalEnd::high);
  EXPECT_EQ(low.constant("kernel_gap"), 2e-6);
  EXPECT_EQ(high.constant("kernel_gap"), 6e-6);
  EXPECT_EQ(low.constant("launch"), inputs.constant("launch"));
  EXPECT_LT(step_seconds(low, {}), step_seconds(high, {}));
  const TrainingInputs wide = at_interval_end(inputs, "cluster.gpu_speed_sigma", IntervalEnd::high);
  EXPECT_NEAR(wide.cluster().gpu_speed_sigma, 0.02, 1e-12);
  const TrainingInputs uneven = at_interval_end(inputs, "routing.rank_max_over_mean", IntervalEnd::high);
  EXPECT_NEAR(uneven.scenario.routing.rank_max_over_mean, 1.3, 1e-12);
}

/// A constant of the profile and one whose source is left out, whose fallback moves instead.
TEST(IntervalEnds, OfTheProfileAndOfFallbacks) {
  const TrainingInputs inputs = V3Step::shortest().exclude("deepseek-profile-data").inputs();
  EXPECT_EQ(at_interval_end(inputs, "kernel_gap", IntervalEnd::high).constant("kernel_gap"), 4e-6);
  const TrainingInputs slow = at_interval_end(inputs, "small_kernel_bandwidth", IntervalEnd::low);
  EXPECT_EQ(slow.profile->value("small_kernel_bandwidth"), 0.7);
}

TEST(RepresentativeSummary, IsTheSummaryOfAReplay) {
  const TrainingInputs step = V3Step::shortest().inputs();
  const Json summary = representative_summary(step);
  EXPECT_EQ(summary["step_time_s"], step_seconds(step, {}));
  EXPECT_TRUE(summary.contains("layer_pair_s"));
  EXPECT_TRUE(summary.contains("balanced_routing"));
}

}  // namespace
}  // namespace moesim
