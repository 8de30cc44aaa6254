#include "calib/kernels/bench.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/fill.hpp"
#include "calib/measure/suite.hpp"
#include "tests/calib_kernels/device_test.hpp"

namespace moesim {
namespace {

TEST(RelativeDifference, IsZeroForEqualAndGrowsWithTheSquareOfTheError) {
  const std::array x{3.0, 4.0};
  EXPECT_EQ(relative_difference(x, x), 0);
  // y = 1.1 x: 1 - 2 * 1.1 / (1 + 1.21) = 0.01 / 2.21
  const std::array y{3.3, 4.4};
  EXPECT_NEAR(relative_difference(x, y), 0.01 / 2.21, 1e-15);
}

TEST(RelativeDifference, PoisonNeverPasses) {
  const std::array x{1.0, 2.0};
  const std::array y{1.0, std::numeric_limits<double>::quiet_NaN()};
  const CheckResult result{relative_difference(x, y), 1e-3, "itself"};
  EXPECT_TRUE(std::isnan(result.difference));
  EXPECT_FALSE(result.passed());
}

// One wrong point of 48 in the second part: pooled it would be lost among the first.
TEST(WorstDifference, IsThatOfTheWorstPart) {
  const std::vector<std::vector<double>> expected{
      std::vector<double>(100000, 1.0), {}, std::vector<double>(48, 1.0)};
  auto found = expected;
  EXPECT_EQ(worst_difference(found, expected), 0);
  found[2][47] = 0;
  EXPECT_NEAR(worst_difference(found, expected), 1 - 2 * 47 / 95.0, 1e-12);
  found[0][0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(worst_difference(found, expected)));
  EXPECT_TRUE(std::isnan(worse(1, found[0][0])));
  EXPECT_THROW((void)worst_difference(found, {{1.0}}), RunError);
}

TEST(BenchTable, EveryGroupOfTheSuiteHasItsBenchAndTheReverse) {
  std::set<std::string> suite;
  for (const MeasuredCase& point : standard_suite()) suite.insert(point.group);
  std::set<std::string> benches;
  for (const BenchFamily* family : bench_families()) benches.insert(std::string(family->group));
  EXPECT_EQ(suite, benches);
}

using FillOnDevice = test::OnDevice;

TEST_F(FillOnDevice, NormalNumbersHaveTheirMoments) {
  DeviceBuffer<float> buffer(std::size_t{1} << 20);
  buffer.poison();
  fill_normal(buffer.data(), buffer.size(), 7, 2.0F, nullptr);
  double sum = 0;
  double squares = 0;
  for (const float value : buffer.download()) {
    sum += value;
    squares += double{value} * value;
  }
  const auto count = static_cast<double>(buffer.size());
  EXPECT_NEAR(sum / count, 0, 5 * 2 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 4, 5 * 4 * std::sqrt(2 / count));
}

}  // namespace
}  // namespace moesim
