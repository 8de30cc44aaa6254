#pragma once

#include "calib/kernels/gemm/gemm_runner.hpp"

namespace moesim {

/// One call of cublasGemmGroupedBatchedEx, a group of one matrix for each expert with rows: BF16 that does
/// not accumulate.
std::unique_ptr<GemmRunner> make_cublas_grouped_runner(const GemmProblem& problem, std::span<GemmSet> sets);

}  // namespace moesim
