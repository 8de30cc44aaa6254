#include "sim/training/batch_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"
#include "tests/sim_training/v3_step.hpp"

namespace moesim {
namespace {

using test::V3Step;

/// DeepSeek-V3's ramp of 469 billion tokens, then 14.331 trillion at its full batch.
constexpr const char* kRamp =
    R"([{"global_batch": 3072, "to": 15360, "tokens": 469000000000},
        {"global_batch": 15360, "tokens": 14331000000000}])";

V3Step ramp() {
  return V3Step::plain().set("/recipe/global_batch", "15360").set("/recipe/batch_schedule", kRamp);
}
V3Step ramp_with_fallback() {
  return ramp().set("/recipe/fallback", R"({"schedule": "1f1b"})");
}

std::vector<PlanError::Violation> violations_of(const V3Step& step) {
  try {
    (void)step.inputs();
  } catch (const PlanError& error) {
    return error.violations;
  }
  return {};
}

// 128 replicas of one sequence and an even number of micro-batches: steps of 256 sequences, 49 of them. Below
// 32 micro-batches, 4096 sequences, DualPipe does not run.
TEST(BatchLevels, TakeWhatTheScheduleRuns) {
  const auto levels = batch_levels(ramp_with_fallback().inputs());
  ASSERT_EQ(levels.size(), 50U);
  EXPECT_EQ(levels[0].global_batch, 3072);
  EXPECT_EQ(levels[1].global_batch, 3328);
  EXPECT_EQ(levels[48].global_batch, 15360);
  EXPECT_NEAR(levels[0].tokens, 469e9 / 49, 1);
  for (const BatchLevel& level : levels) EXPECT_EQ(level.on_fallback, level.global_batch < 4096);
}

TEST(BatchLevels, AreRefusedWithoutAFallback) {
  const auto found = violations_of(ramp());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pointer, "/recipe/batch_schedule/0");
  EXPECT_THAT(found[0].what, testing::HasSubstr("24 micro-batches"));
  EXPECT_THAT(found[0].hint, testing::HasSubstr("1f1b"));
}

TEST(BatchLevels, NameAFallbackThatIsNone) {
  const auto found = violations_of(ramp().set("/recipe/fallback", R"({"schedule": "2f2b"})"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pointer, "/recipe/fallback/schedule");
}

// One batch all the time: the run is the step, tokens / (tokens of a step) times.
TEST(BatchRun, OfOneBatchIsTheStep) {
  const TrainingInputs inputs =
      V3Step::plain()
          .set("/recipe/batch_schedule", R"([{"global_batch": 4096, "tokens": 1000000000000}])")
          .inputs();
  const Json run = batch_run_json(inputs, 0);
  const double step_s = V3Step::plain().seconds();
  EXPECT_NEAR(run["gpu_hours_per_trillion_tokens"].get<double>(),
              step_rates(inputs, step_s).gpu_hours_per_trillion_tokens, 1e-3);
  EXPECT_NEAR(run["steps"].get<double>(), 1e12 / (4096.0 * 4096), 1e-6);
  EXPECT_NEAR(run["gpu_hours"].get<double>(), run["days"].get<double>() * 24 * 2048, 1e-3);
  EXPECT_EQ(run["fallback_tokens_fraction"], 0.0);
  EXPECT_FALSE(run.contains("fallback"));
}

// Small batches have more of a bubble, so a run with a ramp costs more than one without, by less than the
// ramp's share of the tokens times what its first step costs more. Four levels of 49 ran on the fallback.
TEST(BatchRun, CostsMoreWithARamp) {
  const TrainingInputs inputs = ramp_with_fallback().inputs();
  const Json run = batch_run_json(inputs, 0);
  const double steady = step_rates(inputs, step_seconds(inputs, {})).gpu_hours_per_trillion_tokens;
  const double whole = run["gpu_hours_per_trillion_tokens"].get<double>();
  EXPECT_GT(whole, steady);
  EXPECT_LT(whole, steady * (1 + 469.0 / 14800));
  EXPECT_NEAR(run["fallback_tokens_fraction"].get<double>(), 469e9 * 4 / 49 / 14.8e12, 1e-9);
  EXPECT_EQ(run["fallback"], (Json{{"schedule", "1f1b"}}));
  EXPECT_EQ(run["phases"].size(), 2U);
  EXPECT_EQ(run["phases"][0]["fallback"], run["fallback"]);
  EXPECT_FALSE(run["phases"][1].contains("fallback"));
  EXPECT_GT(run["phases"][0]["gpu_hours_per_trillion_tokens"].get<double>(),
            run["phases"][1]["gpu_hours_per_trillion_tokens"].get<double>());
}

// Half the replicas take twice the micro-batches each, DualPipe's 32 from 2048 sequences; the other half
// waits and is paid for.
TEST(BatchRun, WithFewerReplicasPaysForAllGpus) {
  const auto run = [](const char* fallback) {
    return batch_run_json(
        V3Step::plain()
            .set("/recipe/batch_schedule", R"([{"global_batch": 3072, "tokens": 1000000000}])")
            .set("/recipe/fallback", fallback)
            .inputs(),
        0);
  };
  const double half = run(R"({"replicas": 64})")["gpu_hours"].get<double>();
  const double all = run(R"({"schedule": "1f1b"})")["gpu_hours"].get<double>();
  const TrainingInputs on_half =
      V3Step::plain().set("/cluster/num_nodes", "128").set("/recipe/global_batch", "3072").inputs();
  EXPECT_NEAR(half, step_seconds(on_half, {}) * 1e9 / (3072.0 * 4096) * 2048 / 3600, 1e-6 * half);
  EXPECT_NE(half, all);
}

}  // namespace
}  // namespace moesim
