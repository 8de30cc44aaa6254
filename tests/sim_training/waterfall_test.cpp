#include "sim/training/waterfall.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/spec.hpp"
#include "sim/training/training_run.hpp"
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

/// Without dispatch and combine nothing slows computation down: the row is a difference of two equal sums, of
/// which no rounding is left.
TEST(Waterfall, EqualSumsLeaveNothing) {
  const Json scenario = read_json_file(find_data("workloads/scenarios/llama3-8x70b-256xh100.json"));
  const auto read = read_spec<TrainingScenario>(scenario, "scenario.json");
  const Json rows = training_waterfall(load_training(read, "scenario.json", {}));
  EXPECT_EQ(seconds_of(rows, "communication_sms_and_contention"), 0);
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

}  // namespace
}  // namespace moesim
