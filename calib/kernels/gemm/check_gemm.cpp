#include <vector>

#include "calib/kernels/gemm/fastest.hpp"
#include "calib/kernels/gemm/gemm_runner.hpp"
#include "calib/kernels/gemm/sampled_check.hpp"

namespace moesim {

namespace {

constexpr int kRows = 16;
constexpr int kColumns = 48;
// Rounding the output to BF16 makes 1.5e-6. Operands of FP8 are taken as they are; that Hopper adds up 32 of
// their products in 13 bits of fraction (DeepSeek-V3 report) makes 1e-8 emulated, in 11 bits 3e-7. A wrong
// scale in one block of 144 makes 6e-4.
constexpr double kFp8Tolerance = 2e-5;
constexpr double kBf16Tolerance = 1e-5;

/// Numbers at the sampled points of each group.
using GroupedNumbers = std::vector<std::vector<double>>;

std::vector<double> sampled_out(const GemmProblem& problem, GemmSet& set, std::size_t g,
                                std::span<const SamplePoint> points, cudaStream_t stream) {
  const void* out = set.out_of(problem, g);
  const int columns = problem.sizes[g].n;
  return problem.accumulates() ? sampled_fp32(out, columns, points, stream)
                               : sampled_bf16(out, columns, points, stream);
}

/// The points of each group; none where it has no rows.
std::vector<std::vector<SamplePoint>> points_of(const GemmProblem& problem) {
  std::vector<std::vector<SamplePoint>> points;
  for (std::size_t g = 0; g < problem.sizes.size(); ++g) {
    const GemmSize& size = problem.sizes[g];
    points.push_back(size.k == 0 ? std::vector<SamplePoint>{}
                                 : sample_points(size.m, size.n, kRows, kColumns, g));
  }
  return points;
}

GroupedNumbers reference_of(const GemmProblem& problem, const GemmSet& set,
                            const std::vector<std::vector<SamplePoint>>& points, cudaStream_t stream) {
  GroupedNumbers all;
  for (std::size_t g = 0; g < points.size(); ++g) {
    const ReferenceSide m_side{set.m_side.data(g), set.m_side.scales(g), set.m_side.group(g)};
    const ReferenceSide n_side{set.n_side.data(g), set.n_side.scales(g), set.n_side.group(g)};
    all.push_back(gemm_reference(is_fp8(problem.format), m_side, n_side, points[g], stream));
    // 0x42424242, which an accumulating output starts from.
    if (problem.accumulates())
      for (double& value : all.back()) value += 48.564704895019531;
  }
  return all;
}

/// The outputs at the points after one launch on a fresh output: NaN, or one where it accumulates.
GroupedNumbers outputs_after(const Launch& launch, const GemmProblem& problem, GemmSet& set,
                             const std::vector<std::vector<SamplePoint>>& points, cudaStream_t stream) {
  set.out.fill_bytes(problem.accumulates() ? 0x42 : 0xff, stream);
  launch(stream);
  GroupedNumbers all;
  for (std::size_t g = 0; g < points.size(); ++g)
    all.push_back(sampled_out(problem, set, g, points[g], stream));
  return all;
}

}  // namespace

CheckResult check_gemm(const GemmProblem& problem, GemmSet& set, GemmRunner& runner, std::size_t index,
                       bool capturable, cudaStream_t stream) {
  const auto points = points_of(problem);
  const GroupedNumbers expected = reference_of(problem, set, points, stream);
  const Launch direct = [&](cudaStream_t on) { runner.launch(index, on); };
  CheckResult result;
  result.tolerance = is_fp8(problem.format) ? kFp8Tolerance : kBf16Tolerance;
  std::size_t count = 0;
  for (const auto& group : expected) count += group.size();
  result.against = "FP64, " + std::to_string(count) + " elements";
  result.difference = worst_difference(outputs_after(direct, problem, set, points, stream), expected);
  if (!capturable) return result;
  const Launch replayed = captured(direct, 1, stream);
  const double again = worst_difference(outputs_after(replayed, problem, set, points, stream), expected);
  result.difference = worse(result.difference, again);
  result.against += ", also through a CUDA graph";
  return result;
}

}  // namespace moesim
