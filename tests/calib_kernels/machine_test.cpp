// Benches of machine and elementwise on a device: every kind passes its check, and the timer times it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/timer.hpp"
#include "calib/measure/suite.hpp"
#include "tests/calib_kernels/device_test.hpp"

namespace moesim {
namespace {

class OwnFamilies : public test::OnDevice, public testing::WithParamInterface<const char*> {};

TEST_P(OwnFamilies, PassTheirChecksOnRandomShapes) {
  const BenchFamily& family = *find_bench_family(GetParam());
  const std::vector<std::string> only{GetParam()};
  int checked = 0;
  for (const MeasuredCase& point : random_cases(40, 11, only)) {
    if (!family.unsupported(point, device).empty()) continue;
    const CheckResult result = family.make(point, device, 5)->check();
    EXPECT_TRUE(result.passed()) << point.id() << " differs by " << result.difference;
    ++checked;
  }
  EXPECT_GT(checked, 10);
}
INSTANTIATE_TEST_SUITE_P(Groups, OwnFamilies, testing::Values("machine", "elementwise"));

using TimerOnDevice = test::OnDevice;

TEST_F(TimerOnDevice, AColdReadIsSlowerThanAWarmOne) {
  MeasuredCase point;
  point.group = "machine";
  point.op = TimedOperator::copy;
  point.name = "read";
  point.axes = {{"bytes", 8 << 20}};
  const auto bench = find_bench_family("machine")->make(point, device, 1);
  Timer timer(device);
  timer.warm_up(*bench);
  const Sample cold = timer.cold(*bench);
  timer.capture(*bench);
  const Sample warm = timer.graph(*bench);
  EXPECT_GT(warm.time.value(), 0);
  EXPECT_GT(cold.time, warm.time);
  EXPECT_GT(cold.clock_before_mhz, 100);
  EXPECT_LT(cold.clock_before_mhz, 1.05 * device.max_sm_clock_mhz);
}

TEST_F(TimerOnDevice, AGemmBesideACopyIsNotFaster) {
  const BenchFamily& family = *find_bench_family("contention");
  MeasuredCase alone = anchor_case();
  if (const std::string why = family.unsupported(alone, device); !why.empty()) GTEST_SKIP() << why;
  MeasuredCase beside = alone;
  beside.op = TimedOperator::contention;
  beside.axes["sms"] = 32;
  Timer timer(device);
  const auto time_of = [&](const MeasuredCase& point) {
    const auto bench = family.make(point, device, 1);
    EXPECT_TRUE(bench->check().passed());
    timer.warm_up(*bench);
    std::vector<double> times;
    for (int i = 0; i < 10; ++i) times.push_back(timer.cold(*bench).time.value());
    return summary_of(times).median;
  };
  EXPECT_GT(time_of(beside), time_of(alone));
}

}  // namespace
}  // namespace moesim
