#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "calib/measure/budget.hpp"
#include "calib/measure/suite/families.hpp"

namespace moesim {
namespace {

using namespace literals;

std::vector<MeasuredCase> all_gemm_cases() {
  std::vector<MeasuredCase> all;
  for (const auto& cases :
       {gemm_cases(), grouped_gemm_cases(), grouped_gemm_masked_cases(), expert_mlp_cases()})
    all.insert(all.end(), cases.begin(), cases.end());
  return all;
}

bool has(const std::vector<MeasuredCase>& cases, const std::string& id, bool quick) {
  return std::any_of(cases.begin(), cases.end(),
                     [&](const MeasuredCase& point) { return point.id() == id && point.quick == quick; });
}

TEST(GemmCases, AreFewEnoughForASuiteOfTenMinutes) {
  const auto cases = all_gemm_cases();
  GpuFacts h200;
  h200.hbm_bandwidth = BytesPerSecond(4.8e12);
  h200.peak_bf16 = FlopsPerSecond(989.4e12);
  h200.peak_fp8 = FlopsPerSecond(1978.9e12);
  EXPECT_LE(estimated_time(cases, h200), 300_s);  // of the GEMMs; attention and the rest take half as long
  const auto quick = std::count_if(cases.begin(), cases.end(), [](const auto& point) { return point.quick; });
  EXPECT_GE(quick, 8);
  EXPECT_LE(quick, 14);
}

TEST(GemmCases, QuickOnesHoldThePublishedFigures) {
  const auto cases = all_gemm_cases();
  EXPECT_TRUE(has(cases, "gemm/gemm/fp8/cublaslt/k=16384,m=4096,n=7168", true));
  EXPECT_TRUE(has(cases, "grouped_gemm/grouped_gemm/fp8/cutlass/groups=4,k=7168,m=8192,n=4096", true));
  EXPECT_TRUE(
      has(cases, "grouped_gemm_masked/grouped_gemm_masked/fp8/cutlass/groups=4,k=7168,m=256,n=4096", true));
}

TEST(GemmCases, RowsHoldTheTeethOfWaveQuantisation) {
  const auto cases = gemm_cases();
  for (const char* m : {"64", "65", "128", "129", "1024", "1025", "4096", "4097"})
    EXPECT_TRUE(has(cases, std::string("gemm/gemm/fp8/cublaslt/k=7168,m=") + m + ",n=4096", false) ||
                has(cases, std::string("gemm/gemm/fp8/cublaslt/k=7168,m=") + m + ",n=4096", true))
        << m;
}

TEST(GemmCases, GroupsAndSkewsAreThoseOfLocalExperts) {
  std::set<double> groups, skews;
  for (const MeasuredCase& point : grouped_gemm_cases()) {
    groups.insert(point.axis("groups"));
    skews.insert(point.setting("skew", 1));
    EXPECT_LE(point.setting("skew", 1), point.axis("groups")) << point.id();
  }
  EXPECT_EQ(groups, (std::set<double>{1, 2, 4, 8, 9, 16, 32}));
  EXPECT_EQ(skews, (std::set<double>{1, 1.5, 2, 4}));
}

TEST(GemmCases, NoTwoOfOneNameTimeTheSamePoint) {
  std::set<std::string> seen;
  for (const MeasuredCase& point : all_gemm_cases())
    EXPECT_TRUE(seen.insert(point.id()).second) << point.id();
}

// A loop on the host knows the rows, which a decoding step does not.
TEST(GemmCases, ALoopNeverStandsForAMaskedCall) {
  int num_loops = 0;
  for (const MeasuredCase& point : grouped_gemm_masked_cases()) {
    if (point.name != "cublaslt_loop") continue;
    ++num_loops;
    EXPECT_EQ(point.setting("rows_on_host", 0), 1) << "its profile entry needs a name of its own";
  }
  EXPECT_EQ(num_loops, 1);
}

TEST(GemmCases, RandomOnesKeepToWhatTheLibrariesTake) {
  const std::vector<std::string> groups{"gemm", "grouped_gemm", "grouped_gemm_masked", "expert_mlp"};
  for (const MeasuredCase& point : random_cases(400, 11, groups)) {
    for (const std::string& axis : axes_of(point.op)) EXPECT_GE(point.axis(axis), 1) << point.id();
    if (point.op == TimedOperator::expert_mlp) {
      EXPECT_EQ(static_cast<int>(point.axis("rows")) % static_cast<int>(point.axis("experts")), 0);
      if (!point.axes.contains("max_rows")) continue;
      EXPECT_LE(point.axis("max_rows"), point.axis("rows"));
      EXPECT_GE(point.axis("max_rows"), point.axis("rows") / point.axis("experts"));
      continue;
    }
    EXPECT_EQ(static_cast<int>(point.axis("n")) % 16, 0) << point.id();
    if (point.role != GemmRole::weight_gradient) {
      EXPECT_EQ(static_cast<int>(point.axis("k")) % 128, 0) << point.id();
    }
    if (point.name == "cutlass") {
      EXPECT_NE(point.role, GemmRole::weight_gradient);
    }
  }
}

}  // namespace
}  // namespace moesim
