#include "calib/kernels/grouped_gemm/grouped_problem.hpp"

#include <algorithm>
#include <vector>

#include "calib/kernels/grouped_gemm/group_rows.hpp"

namespace moesim {

GemmLibrary grouped_library(const MeasuredCase& point) {
  return point.name == "cutlass" ? GemmLibrary::cutlass : GemmLibrary::cublas;
}

GemmProblem grouped_problem(const MeasuredCase& point) {
  const int groups = static_cast<int>(point.axis("groups"));
  const int m = static_cast<int>(point.axis("m"));
  const int n = static_cast<int>(point.axis("n"));
  const int k = static_cast<int>(point.axis("k"));
  const bool weight = point.role == GemmRole::weight_gradient;
  std::vector<GemmSize> sizes;
  int most = 0;
  for (const int rows : group_rows(groups, weight ? k : m, point.setting("skew", 1))) {
    sizes.push_back(weight ? GemmSize{m, n, rows} : GemmSize{rows, n, k});
    most = std::max(most, rows);
  }
  const bool masked = point.op == TimedOperator::grouped_gemm_masked;
  return make_gemm_problem(point.format, point.role, grouped_library(point), sizes,
                           masked ? RowLayout::masked : RowLayout::contiguous, most);
}

}  // namespace moesim
