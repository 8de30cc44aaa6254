#pragma once

#include <cuda_bf16.h>
#include <cuda_fp8.h>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace moesim {

/// Independent normal numbers of mean 0 and deviation `sigma` (Philox, by seed and index, so a buffer has the
/// same content on every device up to the rounding of its logarithm). Asynchronous.
void fill_normal(float* data, std::size_t count, std::uint64_t seed, float sigma, cudaStream_t stream);
void fill_normal(__nv_bfloat16* data, std::size_t count, std::uint64_t seed, float sigma,
                 cudaStream_t stream);
/// Rounded to the nearest E4M3 number, saturating at 448.
void fill_normal(__nv_fp8_e4m3* data, std::size_t count, std::uint64_t seed, float sigma,
                 cudaStream_t stream);
/// Uniform in [low, high), e.g. scales.
void fill_uniform(float* data, std::size_t count, std::uint64_t seed, float low, float high,
                  cudaStream_t stream);

}  // namespace moesim
