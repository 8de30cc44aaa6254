#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/gemm/gemm_bench.hpp"
#include "calib/measure/suite.hpp"
#include "tests/calib_kernels/device_test.hpp"

namespace moesim {
namespace {

using GemmOnDevice = test::OnDevice;

const BenchFamily& family_of(const MeasuredCase& point) {
  for (const BenchFamily* family : bench_families())
    if (family->group == point.group) return *family;
  throw std::runtime_error("no family " + point.group);
}

void expect_pass(const MeasuredCase& point, const DeviceFacts& device) {
  const BenchFamily& family = family_of(point);
  if (!family.unsupported(point, device).empty()) return;
  const auto bench = family.make(point, device, /*seed=*/1);
  const CheckResult result = bench->check();
  EXPECT_TRUE(result.passed()) << point.id() << ": " << result.difference << ", " << bench->kernel();
}

TEST_F(GemmOnDevice, RandomCasesPassTheirCheck) {
  const std::vector<std::string> groups{"gemm", "grouped_gemm", "grouped_gemm_masked", "expert_mlp"};
  for (const MeasuredCase& point : random_cases(40, 3, groups)) expect_pass(point, device);
}

TEST_F(GemmOnDevice, QuickCasesPassTheirCheck) {
  for (const MeasuredCase& point : standard_suite()) {
    const bool gemm =
        point.group == "gemm" || point.group == "expert_mlp" || point.group.starts_with("grouped_");
    if (gemm && point.quick) expect_pass(point, device);
  }
}

/// Computes only the first group.
class Forgetful final : public GemmRunner {
 public:
  Forgetful(const GemmProblem& problem, std::span<GemmSet> sets, cudaStream_t stream)
      : inner_(make_lt_runner(first_group(problem), sets, stream)) {}
  void launch(std::size_t set, cudaStream_t stream) override { inner_->launch(set, stream); }
  [[nodiscard]] std::string kernel() const override { return inner_->kernel(); }

 private:
  static GemmProblem first_group(GemmProblem problem) {
    problem.sizes.resize(1);
    return problem;
  }
  std::unique_ptr<GemmRunner> inner_;
};

TEST_F(GemmOnDevice, ACheckFindsAGroupThatWasLeftOut) {
  const std::vector<GemmSize> sizes{{64, 256, 512}, {64, 256, 512}};
  const auto forgetful = [](const GemmProblem& problem, std::span<GemmSet> sets, cudaStream_t stream) {
    return std::make_unique<Forgetful>(problem, sets, stream);
  };
  for (const GemmRole role : {GemmRole::forward, GemmRole::weight_gradient}) {
    const auto problem = make_gemm_problem(NumberFormat::bf16, role, GemmLibrary::cublas, sizes);
    EXPECT_FALSE(make_gemm_bench(problem, forgetful, device, 1)->check().passed());
    EXPECT_TRUE(make_gemm_bench(problem, make_lt_runner, device, 1)->check().passed());
  }
}

}  // namespace
}  // namespace moesim
