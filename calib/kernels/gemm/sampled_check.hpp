#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <span>
#include <vector>

#include "calib/kernels/gemm/operand_layout.hpp"
#include "calib/kernels/gemm/sample_points.hpp"

namespace moesim {

/// One side of a GEMM as the reference reads it: BF16, or E4M3 with scales.
struct ReferenceSide {
  const void* data = nullptr;
  const float* scales = nullptr;
  OperandLayout layout;
};

/// What a GEMM should have put at `num_points` points, in FP64; all pointers of the device. Asynchronous.
void launch_gemm_reference(bool fp8, const ReferenceSide& m_side, const ReferenceSide& n_side,
                           const SamplePoint* points, int num_points, double* out, cudaStream_t stream);
/// The elements of a row-major output, FP32 or BF16, at the points.
void launch_sample(bool fp32, const void* out, std::int64_t columns, const SamplePoint* points,
                   int num_points, double* sampled, cudaStream_t stream);

/// What a GEMM should have put at the points, in FP64 on the device. Waits for the stream.
std::vector<double> gemm_reference(bool fp8, const ReferenceSide& m_side, const ReferenceSide& n_side,
                                   std::span<const SamplePoint> points, cudaStream_t stream);

/// The elements of a row-major output with `columns` columns at the points. Waits for the stream.
std::vector<double> sampled_bf16(const void* out, std::int64_t columns, std::span<const SamplePoint> points,
                                 cudaStream_t stream);
std::vector<double> sampled_fp32(const void* out, std::int64_t columns, std::span<const SamplePoint> points,
                                 cudaStream_t stream);

}  // namespace moesim
