#include "calib/kernels/grouped_gemm/group_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/error.hpp"
#include "calib/kernels/expert_mlp/mlp_problem.hpp"
#include "calib/kernels/grouped_gemm/grouped_problem.hpp"
#include "calib/measure/suite.hpp"

namespace moesim {
namespace {

TEST(GroupRows, AddUpAndHoldTheRatio) {
  for (const int groups : {1, 2, 4, 8, 9, 16, 32}) {
    for (const double skew : {1.0, 1.5, 2.0, 4.0}) {
      if (skew > groups) continue;
      for (const int mean : {1, 3, 64, 1000}) {
        const auto rows = group_rows(groups, mean, skew);
        EXPECT_EQ(std::accumulate(rows.begin(), rows.end(), 0), groups * mean);
        EXPECT_GE(*std::min_element(rows.begin(), rows.end()), 0);
        EXPECT_NEAR(*std::max_element(rows.begin(), rows.end()), skew * mean, 1);
      }
    }
  }
}

TEST(GroupRows, EqualWhereBalancedAndTheBusiestInTheMiddle) {
  EXPECT_EQ(group_rows(3, 7, 1), (std::vector{7, 7, 7}));
  const auto rows = group_rows(8, 1000, 2);
  EXPECT_EQ(rows[4], 2000);
  EXPECT_EQ(group_rows(4, 100, 4), (std::vector{0, 0, 400, 0}));
}

TEST(GroupRows, RefuseARatioThatCannotBe) {
  EXPECT_THROW(group_rows(2, 10, 4), RunError);
  EXPECT_THROW(group_rows(2, 10, 0.5), RunError);
  EXPECT_THROW(group_rows(0, 10, 1), RunError);
}

MeasuredCase grouped(TimedOperator op, GemmRole role, double m, double k) {
  return {.group = "grouped_gemm",
          .op = op,
          .format = NumberFormat::fp8,
          .role = role,
          .name = "cutlass",
          .axes = {{"groups", 4}, {"m", m}, {"n", 256}, {"k", k}},
          .settings = {{"skew", 2}}};
}

TEST(GroupedProblem, SkewsTheRowsOrTheTokensOfAWeightGradient) {
  const auto forward = grouped_problem(grouped(TimedOperator::grouped_gemm, GemmRole::forward, 100, 512));
  int total = 0;
  for (const GemmSize& size : forward.sizes) {
    total += size.m;
    EXPECT_EQ(size.k, 512);
  }
  EXPECT_EQ(total, 400);
  EXPECT_EQ(forward.sizes[2].m, 200);
  for (const auto& group : forward.m_side.groups) EXPECT_EQ(group.element_offset % (128 * 512), 0);
  const auto gradient =
      grouped_problem(grouped(TimedOperator::grouped_gemm, GemmRole::weight_gradient, 512, 100));
  EXPECT_EQ(gradient.sizes[2].k, 200);
  EXPECT_EQ(gradient.sizes[2].m, 512);
  EXPECT_EQ(gradient.work(0).flops, 2.0 * 512 * 256 * 400);
}

TEST(GroupedProblem, MaskedRoomIsThatOfTheBusiestGroup) {
  const auto problem =
      grouped_problem(grouped(TimedOperator::grouped_gemm_masked, GemmRole::forward, 100, 512));
  EXPECT_EQ(problem.m_side.num_elements, 4 * 208 * 512);  // 200 rows in multiples of 16
}

TEST(ExpertMlpProblem, RowsLieInTheirGroupsAndTakeEveryTokenOnce) {
  const std::vector<int> rows{5, 0, 130};
  const auto problem =
      make_expert_mlp_problem(NumberFormat::fp8, GemmLibrary::cutlass, 256, 128, rows, /*seed=*/3);
  ASSERT_EQ(problem.rows.size(), 135U);
  std::set<int> tokens;
  std::set<std::int64_t> slots, gate_up_scales, down_scales;
  for (const PackedRow& row : problem.rows) {
    tokens.insert(row.token);
    slots.insert(row.slot);
    gate_up_scales.insert(row.gate_up_scale);
    gate_up_scales.insert(row.gate_up_scale + row.scale_stride);  // 256 columns make 2 blocks
    down_scales.insert(row.down_scale);
    EXPECT_LT(row.slot, row.group == 0 ? 128 : 128 + 256);
    EXPECT_EQ(row.scale_stride, rows[static_cast<std::size_t>(row.group)]);
  }
  EXPECT_EQ(tokens.size(), 135U);
  EXPECT_EQ(*tokens.rbegin(), 134);
  EXPECT_EQ(slots.size(), 135U);
  EXPECT_EQ(gate_up_scales.size(), 270U);
  EXPECT_EQ(down_scales.size(), 135U);
  EXPECT_LT(*gate_up_scales.rbegin(), problem.gate_up.m_side.num_scales);
  EXPECT_LT(*down_scales.rbegin(), problem.down.m_side.num_scales);
}

TEST(ExpertMlpProblem, WorkLeavesOutWhatPassesBetweenTheKernels) {
  const std::vector<int> rows{6, 2};
  const auto problem =
      make_expert_mlp_problem(NumberFormat::bf16, GemmLibrary::cublas, 512, 128, rows, /*seed=*/3);
  EXPECT_EQ(problem.work(0).flops, 6.0 * 8 * 512 * 128);
  // Tokens in and out, three weights of two experts.
  const double tokens = 2.0 * 8 * 512;
  const double weights = 2.0 * 2 * 3 * 512 * 128;
  EXPECT_EQ(problem.work(0).hbm_bytes, 2 * tokens + weights);
  EXPECT_EQ(problem.work(1000).hbm_bytes, 2 * tokens + weights - 1000);
  EXPECT_EQ(problem.work(1e9).hbm_bytes, tokens + weights);
}

TEST(ExpertSuite, AxesSayWhatEachCaseRuns) {
  int num_skewed = 0;
  for (const MeasuredCase& point : standard_suite()) {
    if (point.op != TimedOperator::expert_mlp) continue;
    const auto rows = expert_rows(point);
    EXPECT_EQ(static_cast<double>(rows.size()), point.axis("experts"));
    EXPECT_EQ(std::accumulate(rows.begin(), rows.end(), 0), point.axis("rows")) << point.id();
    EXPECT_GE(*std::min_element(rows.begin(), rows.end()), 1) << "the axis counts experts with rows";
    const bool skewed = point.axes.contains("max_rows");
    const double fullest = skewed ? point.axis("max_rows") : point.axis("rows") / point.axis("experts");
    EXPECT_EQ(*std::max_element(rows.begin(), rows.end()), fullest) << point.id();
    num_skewed += skewed ? 1 : 0;
  }
  EXPECT_EQ(num_skewed, 18);
}

TEST(ExpertSuite, RandomCasesHoldTheirAxesToo) {
  for (const MeasuredCase& point : random_cases(200, 5, std::vector<std::string>{"expert_mlp"})) {
    const auto rows = expert_rows(point);
    EXPECT_EQ(std::accumulate(rows.begin(), rows.end(), 0), point.axis("rows")) << point.id();
    if (!point.axes.contains("max_rows")) continue;
    EXPECT_EQ(*std::max_element(rows.begin(), rows.end()), point.axis("max_rows")) << point.id();
  }
}

TEST(GroupedSuite, EveryCaseMakesAProblem) {
  for (const MeasuredCase& point : standard_suite()) {
    if (!point.group.starts_with("grouped_gemm")) continue;
    const GemmProblem problem = grouped_problem(point);
    EXPECT_EQ(problem.work(0).flops,
              2 * point.axis("groups") * point.axis("m") * point.axis("n") * point.axis("k"))
        << point.id();
    EXPECT_LT(problem.set_bytes(), 60e9) << point.id();
  }
}

TEST(GroupedSuite, RandomCasesMakeProblems) {
  const std::vector<std::string> groups{"grouped_gemm", "grouped_gemm_masked"};
  for (const MeasuredCase& point : random_cases(200, 5, groups)) {
    EXPECT_NO_THROW(grouped_problem(point)) << point.id();
    EXPECT_LT(grouped_problem(point).set_bytes(), 10e9) << point.id();
  }
}

}  // namespace
}  // namespace moesim
