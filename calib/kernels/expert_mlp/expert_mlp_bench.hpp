#pragma once

#include <cstdint>
#include <memory>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/expert_mlp/mlp_problem.hpp"

namespace moesim {

/// Four kernels: pack, gate and up, SwiGLU (with quantisation in FP8), down. FP8 runs on CUTLASS, BF16 on
/// cublasGemmGroupedBatchedEx.
std::unique_ptr<Bench> make_expert_mlp_bench(ExpertMlpProblem problem, const DeviceFacts& device,
                                             std::uint64_t seed);

}  // namespace moesim
