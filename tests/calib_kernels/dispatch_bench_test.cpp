// Every kernel of dispatch and the collectives of one rank, checked on a device.
#include <gtest/gtest.h>

#include "calib/kernels/bench.hpp"
#include "calib/measure/suite.hpp"
#include "tests/calib_kernels/device_test.hpp"

namespace moesim {
namespace {

const BenchFamily* family_of(const std::string& group) {
  for (const BenchFamily* family : bench_families())
    if (family->group == group) return family;
  return nullptr;
}

struct BenchesOfDispatch : test::OnDevice {
  void expect_checks(const std::vector<MeasuredCase>& points) {
    for (const MeasuredCase& point : points) {
      const BenchFamily* family = family_of(point.group);
      ASSERT_NE(family, nullptr) << point.group;
      const std::string reason = family->unsupported(point, device);
      if (!reason.empty()) continue;
      const auto bench = family->make(point, device, 11);
      const CheckResult result = bench->check();
      EXPECT_TRUE(result.passed()) << point.id() << ": " << result.difference << " above " << result.tolerance
                                   << " against " << result.against;
      EXPECT_GT(bench->work().hbm_bytes, 0) << point.id();
    }
  }
  static std::vector<MeasuredCase> drawn(const std::string& group, int count) {
    return random_cases(count, 5, std::vector<std::string>{group});
  }
};

TEST_F(BenchesOfDispatch, GateAndCountChooseAsTheReference) {
  expect_checks(drawn("gate", 24));
}
TEST_F(BenchesOfDispatch, PackedRowsAreTheTokens) {
  expect_checks(drawn("permute", 8));
}
TEST_F(BenchesOfDispatch, QuantisedRowsAreTheTokens) {
  expect_checks(drawn("quantise_dispatch", 8));
}
TEST_F(BenchesOfDispatch, WeightedSumsAreThoseOfFp64) {
  expect_checks(drawn("unpermute", 8));
}
TEST_F(BenchesOfDispatch, CollectivesOfOneRankCopy) {
  expect_checks(drawn("collectives", 4));
}
TEST_F(BenchesOfDispatch, TransfersOfOneRankArrive) {
  expect_checks(drawn("dispatch", 6));
  expect_checks(drawn("combine", 6));
}

}  // namespace
}  // namespace moesim
