#include "calib/kernels/gemm/gemm_problem.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace moesim {

namespace {

bool weight_gradient(const GemmProblem& problem) {
  return problem.role == GemmRole::weight_gradient;
}

ScaleKind n_scales(const GemmProblem& problem) {
  if (!is_fp8(problem.format)) return ScaleKind::none;
  if (weight_gradient(problem)) return ScaleKind::vector;
  return problem.library == GemmLibrary::cublas ? ScaleKind::cublas_block : ScaleKind::cutlass_block;
}

GroupSide m_side_of(const GemmProblem& problem, const GemmSize& size, int max_rows) {
  GroupSide side{size.m, size.m, size.k};
  const bool fp8 = is_fp8(problem.format);
  if (weight_gradient(problem)) {
    if (fp8) side.k = round_up(size.k, kScaleBlock);
    return side;
  }
  if (fp8 && problem.library == GemmLibrary::cublas) side.rows = round_up(size.m, kLtRowAlignment);
  const bool masked = problem.rows == RowLayout::masked;
  side.slots = masked ? round_up(max_rows, kLtRowAlignment) : round_up(size.m, kRowAlignment);
  return side;
}

bool is_idle(const GemmSize& size) {
  return size.m == 0 || size.k == 0;
}

double element_bytes(const OperandLayout& layout, double per_element) {
  return per_element * layout.rows * layout.k + 4.0 * static_cast<double>(layout.scales.size);
}

}  // namespace

double GemmProblem::set_bytes() const {
  const double per_element = bytes_per_element(format);
  return per_element * static_cast<double>(m_side.num_elements + n_side.num_elements) +
         4.0 * static_cast<double>(m_side.num_scales + n_side.num_scales) + static_cast<double>(out_bytes());
}

double GemmProblem::read_bytes() const {
  const double per_element = bytes_per_element(format);
  double bytes = accumulates() ? written_bytes() : 0;
  for (std::size_t g = 0; g < sizes.size(); ++g) {
    const GemmSize& size = sizes[g];
    if (is_idle(size)) continue;
    OperandLayout read = m_side.groups[g].layout;  // without the padding
    if (role != GemmRole::weight_gradient) read.rows = size.m;
    read.scales = is_fp8(format) ? vector_scales(read.rows, read.k) : ScaleLayout{};
    bytes += element_bytes(read, per_element) + element_bytes(n_side.groups[g].layout, per_element);
  }
  return bytes;
}

double GemmProblem::written_bytes() const {
  double outputs = 0;
  for (const GemmSize& size : sizes)
    if (!is_idle(size)) outputs += double{1} * size.m * size.n;
  return outputs * (accumulates() ? 4 : 2);
}

Work GemmProblem::work(double l2_bytes) const {
  Work work;
  for (const GemmSize& size : sizes) work.flops += 2.0 * size.m * size.n * size.k;
  work.hbm_bytes = read_bytes() + std::max(0.0, written_bytes() - l2_bytes);
  return work;
}

GemmProblem make_gemm_problem(NumberFormat format, GemmRole role, GemmLibrary library,
                              std::span<const GemmSize> sizes, RowLayout rows, int max_rows) {
  GemmProblem problem{format, role, library, rows, {sizes.begin(), sizes.end()}, {}, {}, {}, 0};
  const bool fp8 = is_fp8(format);
  std::vector<GroupSide> m_sides, n_sides;
  for (const GemmSize& size : sizes) {
    if (rows == RowLayout::masked && size.m > max_rows)
      throw RunError(fmt::format("make_gemm_problem: {} rows in a layout of {}", size.m, max_rows));
    const GroupSide m_side = m_side_of(problem, size, max_rows);
    m_sides.push_back(m_side);
    n_sides.push_back({size.n, size.n, m_side.k});
    problem.out_offsets.push_back(problem.out_elements);
    problem.out_elements += std::int64_t{m_side.slots} * size.n;
  }
  const bool transposed_m = !fp8 && role == GemmRole::weight_gradient;
  const bool transposed_n = !fp8 && role != GemmRole::forward;
  problem.m_side = grouped_layout(m_sides, fp8 ? ScaleKind::vector : ScaleKind::none, !transposed_m);
  problem.n_side = grouped_layout(n_sides, n_scales(problem), !transposed_n);
  return problem;
}

}  // namespace moesim
