#pragma once

#include <cuda_bf16.h>
#include <cuda_fp8.h>
#include <cuda_runtime_api.h>

#include <cstddef>

namespace moesim {

// Small kernels of a layer over BF16 matrices [rows, columns], columns a multiple of 8. All are asynchronous.

/// in [rows, 2 columns]: gate, then up; out [rows, columns].
void launch_swiglu(const __nv_bfloat16* in, __nv_bfloat16* out, std::size_t rows, std::size_t columns,
                   cudaStream_t stream);

/// The most columns that launch_rms_norm takes.
inline constexpr std::size_t kMostNormColumns = 8192;
void launch_rms_norm(const __nv_bfloat16* in, const __nv_bfloat16* weight, __nv_bfloat16* out,
                     std::size_t rows, std::size_t columns, cudaStream_t stream);

/// table [kRotaryPositions, kRotaryDims / 2]: cosine and sine; columns a multiple of kRotaryDims.
void launch_rope(const __nv_bfloat16* in, const float2* table, __nv_bfloat16* out, std::size_t rows,
                 std::size_t columns, cudaStream_t stream);

/// out [rows, columns] in E4M3, scales [rows, columns / 128]; columns a multiple of 128.
void launch_quantize(const __nv_bfloat16* in, __nv_fp8_e4m3* out, float* scales, std::size_t rows,
                     std::size_t columns, cudaStream_t stream);

}  // namespace moesim
