#include "calib/measure/suite.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace moesim {
namespace {

TEST(MeasuredCase, IdNamesWhatDiffersInAStableOrder) {
  MeasuredCase point;
  point.group = "gemm";
  point.axes = {{"n", 7168}, {"m", 128}, {"k", 2048}};
  EXPECT_EQ(point.id(), "gemm/gemm/bf16/k=2048,m=128,n=7168");
  point.role = GemmRole::weight_gradient;
  point.name = "cublaslt";
  point.settings = {{"skew", 1.5}};
  EXPECT_EQ(point.id(), "gemm/gemm/bf16/weight_gradient/cublaslt/k=2048,m=128,n=7168/skew=1.5");
}

TEST(MeasuredCase, AMissingAxisIsAnError) {
  MeasuredCase point;
  point.group = "gemm";
  EXPECT_THROW((void)point.axis("m"), RunError);
  EXPECT_EQ(point.setting("skew", 1), 1);
}

TEST(StandardSuite, NoTwoCasesShareAnId) {
  std::set<std::string> seen;
  for (const MeasuredCase& point : standard_suite())
    EXPECT_TRUE(seen.insert(point.id()).second) << point.id();
}

TEST(StandardSuite, EveryCaseHasTheAxesOfItsOperator) {
  for (const MeasuredCase& point : standard_suite())
    for (const std::string& axis : axes_of(point.op)) EXPECT_TRUE(point.axes.contains(axis)) << point.id();
}

}  // namespace
}  // namespace moesim
