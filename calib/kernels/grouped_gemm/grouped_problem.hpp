#pragma once

#include <string>

#include "calib/kernels/gemm/gemm_problem.hpp"

namespace moesim {

/// "cutlass" (FP8), "cublas_grouped" (BF16) and "cublaslt_loop" (both), the names of grouped cases.
GemmLibrary grouped_library(const MeasuredCase& point);

/// The problem of a case of grouped_gemm or grouped_gemm_masked. Its axis m (k in a weight gradient) is the
/// mean of the groups, its setting "skew" the busiest over that mean, 1 where it has none. In the masked
/// layout every group has room for the rows of the busiest. Throws RunError.
GemmProblem grouped_problem(const MeasuredCase& point);

}  // namespace moesim
