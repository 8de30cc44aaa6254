#include <algorithm>
#include <cmath>
#include <vector>

#include "calib/kernels/gemm/fastest.hpp"
#include "calib/kernels/gemm/gemm_runner.hpp"
#include "calib/kernels/gemm/sampled_check.hpp"

namespace moesim {

namespace {

constexpr int kRows = 16;
constexpr int kColumns = 48;
constexpr double kFp8Tolerance = 1e-3;
constexpr double kBf16Tolerance = 1e-5;

std::vector<double> sampled_out(const GemmProblem& problem, GemmSet& set, std::size_t g,
                                std::span<const SamplePoint> points, cudaStream_t stream) {
  const void* out = set.out_of(problem, g);
  const int columns = problem.sizes[g].n;
  return problem.accumulates() ? sampled_fp32(out, columns, points, stream)
                               : sampled_bf16(out, columns, points, stream);
}

void append(std::vector<double>& all, const std::vector<double>& more) {
  all.insert(all.end(), more.begin(), more.end());
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

std::vector<double> reference_of(const GemmProblem& problem, const GemmSet& set,
                                 const std::vector<std::vector<SamplePoint>>& points, cudaStream_t stream) {
  std::vector<double> all;
  for (std::size_t g = 0; g < points.size(); ++g) {
    const ReferenceSide m_side{set.m_side.data(g), set.m_side.scales(g), set.m_side.group(g)};
    const ReferenceSide n_side{set.n_side.data(g), set.n_side.scales(g), set.n_side.group(g)};
    append(all, gemm_reference(is_fp8(problem.format), m_side, n_side, points[g], stream));
  }
  return all;
}

/// The outputs at the points after one launch on a fresh output: NaN, or one where it accumulates.
std::vector<double> outputs_after(const Launch& launch, const GemmProblem& problem, GemmSet& set,
                                  const std::vector<std::vector<SamplePoint>>& points, cudaStream_t stream) {
  set.out.fill_bytes(problem.accumulates() ? 0x42 : 0xff, stream);
  launch(stream);
  std::vector<double> all;
  for (std::size_t g = 0; g < points.size(); ++g)
    append(all, sampled_out(problem, set, g, points[g], stream));
  return all;
}

}  // namespace

CheckResult check_gemm(const GemmProblem& problem, GemmSet& set, GemmRunner& runner, std::size_t index,
                       bool capturable, cudaStream_t stream) {
  const auto points = points_of(problem);
  std::vector<double> expected = reference_of(problem, set, points, stream);
  // 0x42424242, which an accumulating output starts from.
  if (problem.accumulates())
    for (double& value : expected) value += 48.564704895019531;
  const Launch direct = [&](cudaStream_t on) { runner.launch(index, on); };
  CheckResult result;
  result.tolerance = is_fp8(problem.format) ? kFp8Tolerance : kBf16Tolerance;
  result.against = "FP64, " + std::to_string(expected.size()) + " elements";
  result.difference = relative_difference(outputs_after(direct, problem, set, points, stream), expected);
  if (!capturable) return result;
  const Launch replayed = captured(direct, 1, stream);
  const double again = relative_difference(outputs_after(replayed, problem, set, points, stream), expected);
  result.difference = std::isnan(again) ? again : std::max(result.difference, again);
  result.against += ", also through a CUDA graph";
  return result;
}

}  // namespace moesim
