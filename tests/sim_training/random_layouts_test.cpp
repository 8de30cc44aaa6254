#include "tests/sim_training/random_layouts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "sim/engine/lower_bound.hpp"
#include "sim/training/training_run.hpp"

namespace moesim {
namespace {

constexpr int kNumLayouts = 150;
constexpr double kRounding = 1e-9;
/// NICs and sends are left out of a bound by passes.
constexpr double kMostOfBusiest = 0.5;

/// Replayed by representatives, no step beats its busiest resource or its critical path, and all are finite.
TEST(RandomLayouts, RunWithoutAnErrorWithinTheirLowerBounds) {
  test::RandomLayouts layouts(1);
  std::set<std::string> models;
  std::set<ScheduleKind> schedules;
  double nearest = 0;
  double nearest_passes = 0;
  for (int i = 0; i < kNumLayouts; ++i) {
    const TrainingInputs inputs = layouts.next();
    NullSink sink;
    const auto step = replay_step(inputs, 1, sink);
    const LowerBound bound = lower_bound(step->step.graph, step->input.gpus);
    const double makespan_s = step->result.makespan_s;
    const std::string what = inputs.model().name + ", try " + std::to_string(layouts.num_tried());
    ASSERT_TRUE(std::isfinite(makespan_s)) << what;
    ASSERT_GT(bound.seconds(), 0) << what;
    EXPECT_GE(makespan_s * (1 + kRounding), bound.busiest_s) << what;
    EXPECT_GE(makespan_s * (1 + kRounding), bound.critical_path_s) << what;
    nearest = std::max(nearest, bound.seconds() / makespan_s);
    const PassBound passes = bound_of_passes(inputs.plan.schedule, price_step(inputs, {}).blocks,
                                             representative_gpus(inputs, step->step.loads, {}));
    EXPECT_GE(makespan_s * (1 + kRounding), passes.seconds) << what;
    EXPECT_GE(passes.seconds * (1 + kRounding), bound.busiest_s * kMostOfBusiest) << what;
    nearest_passes = std::max(nearest_passes, passes.seconds / makespan_s);
    models.insert(inputs.model().name);
    schedules.insert(inputs.layout().schedule);
  }
  // A bound that said nothing would hold as well.
  EXPECT_GT(nearest, 0.9);
  EXPECT_GT(nearest_passes, 0.9);
  EXPECT_GT(models.size(), 3u);
  EXPECT_EQ(schedules.size(), kScheduleNames.size());
}

}  // namespace
}  // namespace moesim
