#include "calib/kernels/expert_mlp/mlp_problem.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/random.hpp"
#include "calib/kernels/grouped_gemm/group_rows.hpp"

namespace moesim {

namespace {

/// 0 to count - 1, shuffled.
std::vector<int> shuffled(int count, std::uint64_t seed) {
  std::vector<int> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  RandomStream random(seed, stream_of("expert_mlp_tokens"));
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

GemmProblem problem_of(NumberFormat format, GemmLibrary library, std::span<const int> rows, int n, int k) {
  std::vector<GemmSize> sizes;
  for (const int m : rows) sizes.push_back({m, n, k});
  return make_gemm_problem(format, GemmRole::forward, library, sizes);
}

void add_rows(ExpertMlpProblem& problem, std::size_t g, std::span<const int> tokens) {
  const GroupedLayout::Group& first = problem.gate_up.m_side.groups[g];
  const GroupedLayout::Group& second = problem.down.m_side.groups[g];
  for (int row = 0; row < problem.gate_up.sizes[g].m; ++row) {
    PackedRow& packed = problem.rows.emplace_back();
    packed.slot = first.element_offset / problem.hidden + row;
    packed.gate_up_scale = first.scale_offset + first.layout.scales.index(row, 0);
    packed.down_scale = second.scale_offset + second.layout.scales.index(row, 0);
    packed.scale_stride = first.layout.scales.block_stride;
    packed.token = tokens[problem.rows.size() - 1];
    packed.group = static_cast<int>(g);
  }
}

}  // namespace

Work ExpertMlpProblem::work(double l2_bytes) const {
  const double num_rows = static_cast<double>(rows.size());
  const double scale = is_fp8(gate_up.format) ? 4.0 / kScaleBlock : 0;
  // What passes between the GEMMs need not come from memory.
  const double activations = num_rows * inter * (bytes_per_element(gate_up.format) + scale);
  const double read = gate_up.read_bytes() + down.read_bytes() - activations;
  const double written = std::max(0.0, down.written_bytes() - l2_bytes);
  return {gate_up.work(l2_bytes).flops + down.work(l2_bytes).flops, read + written, 0};
}

std::vector<int> expert_rows(const MeasuredCase& point) {
  const int experts = static_cast<int>(point.axis("experts"));
  const int mean = static_cast<int>(point.axis("rows")) / experts;
  const auto fullest = point.axes.find("max_rows");
  return group_rows(experts, mean, fullest == point.axes.end() ? 1 : fullest->second / mean);
}

ExpertMlpProblem make_expert_mlp_problem(NumberFormat format, GemmLibrary library, int hidden, int inter,
                                         std::span<const int> rows_of_group, std::uint64_t seed) {
  ExpertMlpProblem problem{hidden,
                           inter,
                           problem_of(format, library, rows_of_group, 2 * inter, hidden),
                           problem_of(format, library, rows_of_group, hidden, inter),
                           {}};
  const auto tokens = shuffled(std::accumulate(rows_of_group.begin(), rows_of_group.end(), 0), seed);
  for (std::size_t g = 0; g < rows_of_group.size(); ++g) add_rows(problem, g, tokens);
  return problem;
}

}  // namespace moesim
