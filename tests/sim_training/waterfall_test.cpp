#include "sim/training/waterfall.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/training/training_run.hpp"
#include "sim/training/variation.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

std::vector<std::string> names_of(const Json& rows) {
  std::vector<std::string> names;
  for (const Json& row : rows) names.push_back(row["name"]);
  return names;
}

/// The row of that name; null where there is none.
Json row_of(const Json& rows, const std::string& name) {
  for (const Json& row : rows) {
    if (row["name"] == name) return row;
  }
  return {};
}

double seconds_of(const Json& rows, const std::string& name) {
  return row_of(rows, name).at("seconds");
}

TEST(Waterfall, RowsAddUpToTheStep) {
  for (const V3Step& step : {V3Step::shortest(), V3Step::plain()}) {
    const Json rows = training_waterfall(step.inputs());
    double sum = 0;
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) sum += rows[i]["seconds"].get<double>();
    const double step_s = rows.back()["seconds"];
    EXPECT_EQ(rows.back()["name"], "step");
    EXPECT_EQ(step_s, step.seconds());
    EXPECT_NEAR(sum, step_s, 1e-9 * step_s);
  }
}

TEST(Waterfall, RowsAreInOrderAndSayWhereTheyComeFrom) {
  const Json rows = training_waterfall(V3Step::shortest().inputs());
  EXPECT_EQ(names_of(rows),
            (std::vector<std::string>{"ideal_compute", "kernel_efficiency", "small_kernels_and_launches",
                                      "communication_sms_and_contention", "imbalance", "gpu_spread", "jitter",
                                      "exposed_communication", "pipeline_transfers", "bubble", "optimizer",
                                      "step"}));
  for (const Json& row : rows) {
    EXPECT_LE(row["low_s"], row["seconds"]) << row["name"];
    EXPECT_GE(row["high_s"], row["seconds"]) << row["name"];
    EXPECT_FALSE(row["source"].get<std::string>().empty()) << row["name"];
    EXPECT_FALSE(row["note"].get<std::string>().empty()) << row["name"];
  }
}

/// Every effect of the shipped step costs time, and those whose input has an interval are wider than a point.
TEST(Waterfall, EffectsOfTheShippedStep) {
  const Json rows = training_waterfall(V3Step::shortest().inputs());
  for (const Json& row : rows) EXPECT_GT(row["seconds"], 0) << row["name"];
  for (const char* name : {"imbalance", "gpu_spread", "jitter", "exposed_communication", "optimizer"}) {
    const Json row = row_of(rows, name);
    EXPECT_LT(row["low_s"], row["high_s"]) << name;
  }
}

/// What a step does not have costs nothing.
TEST(Waterfall, BalancedRoutingOnEqualGpus) {
  const Json rows = training_waterfall(V3Step::plain().inputs());
  EXPECT_EQ(seconds_of(rows, "imbalance"), 0);
  EXPECT_EQ(seconds_of(rows, "gpu_spread"), 0);
  EXPECT_EQ(seconds_of(rows, "jitter"), 0);
}

/// The operations of the model at their peaks, mean over ranks: each micro-batch passes the whole model, and
/// a rank's share is a sixteenth. Twice the micro-batches are twice the work, and the bubble stays.
TEST(Waterfall, WorkFollowsMicrobatchesAndTheBubbleDoesNot) {
  const Json once = training_waterfall(V3Step::plain().inputs());
  const Json twice = training_waterfall(V3Step::plain().set("/recipe/global_batch", "8192").inputs());
  for (const char* name : {"ideal_compute", "kernel_efficiency", "small_kernels_and_launches"}) {
    EXPECT_NEAR(seconds_of(twice, name), 2 * seconds_of(once, name), 1e-9) << name;
  }
  EXPECT_NEAR(seconds_of(twice, "optimizer"), seconds_of(once, "optimizer"), 1e-3);
}

// Uncertainty.

TEST(Uncertainty, PercentilesAscendAroundTheStep) {
  const V3Step step = V3Step::shortest();
  const Json spread = training_uncertainty(step.inputs(), 2);
  for (const char* key : {"step_time_s", "gpu_hours_per_trillion_tokens"}) {
    EXPECT_LT(spread[key]["p10"], spread[key]["p50"]);
    EXPECT_LT(spread[key]["p50"], spread[key]["p90"]);
  }
  EXPECT_LT(spread["step_time_s"]["p10"], step.seconds());
  EXPECT_GT(spread["step_time_s"]["p90"], step.seconds());
  EXPECT_EQ(spread["replays"], kNumReplays);
  EXPECT_GT(spread["num_inputs"], 10);
}

TEST(Uncertainty, DoesNotDependOnThreadsButOnTheSeed) {
  V3Step step = V3Step::shortest();
  const Json spread = training_uncertainty(step.inputs(), 1);
  EXPECT_EQ(training_uncertainty(step.inputs(), 3), spread);
  EXPECT_NE(training_uncertainty(step.set("/seed", "2").inputs(), 2)["step_time_s"], spread["step_time_s"]);
}

/// A drawn step keeps its plan and lies within the intervals.
TEST(Uncertainty, DrawsStayWithinTheirIntervals) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  for (std::uint64_t draw = 0; draw < 20; ++draw) {
    const TrainingInputs one = drawn(inputs, draw);
    EXPECT_EQ(one.plan.stages, inputs.plan.stages);
    for (const char* name : {"launch", "kernel_gap", "transfer_start", "requantise"}) {
      const ResolvedConstant given = inputs.stack.constant(name, {});
      EXPECT_GE(one.constant(name), given.low) << name;
      EXPECT_LE(one.constant(name), given.high) << name;
    }
    EXPECT_NE(one.constant("launch"), inputs.constant("launch"));
  }
  EXPECT_EQ(drawn(inputs, 3).constant("launch"), drawn(inputs, 3).constant("launch"));
  EXPECT_NE(drawn(inputs, 3).constant("launch"), drawn(inputs, 4).constant("launch"));
}

TEST(IntervalEnds, MoveOneInputAlone) {
  const TrainingInputs inputs = V3Step::shortest().inputs();
  const TrainingInputs low = at_interval_end(inputs, "kernel_gap", IntervalEnd::low);
  const TrainingInputs high = at_interval_end(inputs, "kernel_gap", IntervalEnd::high);
  EXPECT_EQ(low.constant("kernel_gap"), 2e-6);
  EXPECT_EQ(high.constant("kernel_gap"), 6e-6);
  EXPECT_EQ(low.constant("launch"), inputs.constant("launch"));
  EXPECT_LT(step_seconds(low, {}), step_seconds(high, {}));
  const TrainingInputs wide = at_interval_end(inputs, "gpu_speed_sigma", IntervalEnd::high);
  EXPECT_NEAR(wide.cluster().gpu_speed_sigma, 0.02, 1e-12);
  const TrainingInputs uneven = at_interval_end(inputs, "routing", IntervalEnd::high);
  EXPECT_NEAR(uneven.scenario.routing.rank_max_over_mean, 1.3, 1e-12);
}

/// A constant of the profile and one whose source is left out, whose fallback moves instead.
TEST(IntervalEnds, OfTheProfileAndOfFallbacks) {
  const TrainingInputs inputs = V3Step::shortest().exclude("deepseek-profile-data").inputs();
  EXPECT_EQ(at_interval_end(inputs, "kernel_gap", IntervalEnd::high).constant("kernel_gap"), 4e-6);
  const TrainingInputs slow = at_interval_end(inputs, "small_kernel_bandwidth", IntervalEnd::low);
  EXPECT_EQ(slow.profile.value("small_kernel_bandwidth"), 0.7);
}

}  // namespace
}  // namespace moesim
