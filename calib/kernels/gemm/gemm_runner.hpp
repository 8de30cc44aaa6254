#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/gemm/gemm_problem.hpp"
#include "calib/kernels/gemm/operands.hpp"

namespace moesim {

/// Operands and output of one input set.
struct GemmSet {
  GroupedOperand m_side, n_side;
  DeviceBuffer<std::byte> out;

  /// Random operands, a poisoned output (zeros where it accumulates). Asynchronous on `stream`.
  GemmSet(const GemmProblem& problem, std::uint64_t seed, cudaStream_t stream);
  [[nodiscard]] std::byte* out_of(const GemmProblem& problem, std::size_t group) {
    return out.data() + problem.out_offsets[group] * (problem.accumulates() ? 4 : 2);
  }
};

/// A library with everything that it needs to run a problem on its input sets, which must outlive it.
class GemmRunner {
 public:
  GemmRunner() = default;
  virtual ~GemmRunner() = default;
  GemmRunner(const GemmRunner&) = delete;
  GemmRunner& operator=(const GemmRunner&) = delete;
  virtual void launch(std::size_t set, cudaStream_t stream) = 0;  ///< asynchronous
  [[nodiscard]] virtual std::string kernel() const = 0;
};

/// A call of cublasLtMatmul for each group with rows. Outputs are overwritten while it chooses algorithms, as
/// they are by the other makers.
std::unique_ptr<GemmRunner> make_lt_runner(const GemmProblem& problem, std::span<GemmSet> sets,
                                           cudaStream_t stream);
/// One call of the CUTLASS kernel in fp8_grouped.hpp: FP8 that does not accumulate.
std::unique_ptr<GemmRunner> make_cutlass_runner(const GemmProblem& problem, std::span<GemmSet> sets,
                                                int num_sms, cudaStream_t stream);

/// Launches on poisoned outputs, directly and, where `capturable`, by replaying a CUDA graph; the worse of
/// the two differences from FP64 on a sampled block of each group.
CheckResult check_gemm(const GemmProblem& problem, GemmSet& set, GemmRunner& runner, std::size_t index,
                       bool capturable, cudaStream_t stream);

}  // namespace moesim
