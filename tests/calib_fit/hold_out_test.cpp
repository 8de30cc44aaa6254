// Errors at points that a fit did not see.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "calib/fit/hold_out.hpp"
#include "calib/fit/timed_points.hpp"
#include "tests/calib_fit/points.hpp"

namespace moesim {
namespace {

/// All-reduces of 8 GPUs whose time is 2 us times the fifth root of bytes / 1 KB: a line in logarithms.
std::vector<Entry> power_law(double gpus) {
  std::vector<Entry> out;
  for (double bytes = 1024; bytes < 1e9; bytes *= 2) {
    out.push_back(test::point(TimedOperator::all_reduce, {{"num_gpus", gpus}, {"bytes", bytes}},
                              2e-6 * std::pow(bytes / 1024, 0.2)));
  }
  return out;
}

HeldOutError error_of(const std::vector<HeldOutError>& errors, const std::string& kind) {
  for (const auto& error : errors) {
    if (error.kind == kind) return error;
  }
  ADD_FAILURE() << "no " << kind;
  return {};
}

// A power law is a line in logarithms: points between others come out exactly; the first and the last fall
// into some fold too and are held there, by time at the lower end, by bandwidth at the upper.
TEST(HoldOut, FindsPointsOfAPowerLaw) {
  const auto points = power_law(8);
  const auto errors = hold_out(test::empty_file(), points);
  const auto found = error_of(errors, "points");
  EXPECT_EQ(found.name, "nccl");
  EXPECT_EQ(found.held_out_points, static_cast<std::int64_t>(points.size()));
  EXPECT_NEAR(found.median_error, 0, 1e-9);
}

// Where the only curve is held out nothing answers.
TEST(HoldOut, CountsOnlyWhatIsAnswered) {
  const auto points = power_law(8);
  const auto errors = hold_out(test::empty_file(), points);
  EXPECT_EQ(errors.size(), 2U);
  EXPECT_EQ(error_of(errors, "all").held_out_points, static_cast<std::int64_t>(points.size()));
}

TEST(HoldOut, HoldsOutWholeCurves) {
  std::vector<Entry> points;
  for (const double gpus : {2, 4, 8, 16, 32, 64}) {
    const auto curve = power_law(gpus);
    points.insert(points.end(), curve.begin(), curve.end());
  }
  const auto errors = hold_out(test::empty_file(), merge_repeated(points));
  const auto curves = error_of(errors, "curves");
  EXPECT_EQ(curves.held_out_points, static_cast<std::int64_t>(points.size()));
  EXPECT_GT(curves.p90_error, 0);
  // A number of GPUs is no shape between others: of collectives "all" has the points alone.
  EXPECT_EQ(error_of(errors, "all").held_out_points, static_cast<std::int64_t>(points.size()));
  EXPECT_EQ(error_of(errors, "all").p90_error, error_of(errors, "points").p90_error);
}

// FNV-1a of "a" is 0xaf63dc4c8601ec8c; its upper half 0xaf63dc4c = 2942557260 leaves 0 by 5.
TEST(Folds, AreThoseOfFnv) {
  EXPECT_EQ(fold_of("a"), 0U);
  std::set<std::uint64_t> folds;
  for (int i = 0; i < 100; ++i) folds.insert(fold_of(std::to_string(i)));
  EXPECT_EQ(folds.size(), kNumFolds);
}

TEST(CheckPoints, LeavesOutWhatTheProfileHolds) {
  const auto points = power_law(8);
  std::vector<Entry> half;
  for (std::size_t i = 0; i < points.size(); i += 2) half.push_back(points[i]);
  const CalibrationProfile profile(test::file_of(half), {}, "small");
  const auto errors = check_points(profile, points);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].held_out_points, static_cast<std::int64_t>(points.size() - half.size()));
  EXPECT_NEAR(errors[0].median_error, 0, 1e-4);
  EXPECT_TRUE(check_points(profile, half).empty());
}

}  // namespace
}  // namespace moesim
