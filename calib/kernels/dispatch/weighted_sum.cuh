#pragma once

#include <cuda_bf16.h>

#include <cstdint>

namespace moesim {

/// Adds weight times the 8 BF16 numbers of a 16-byte vector.
__device__ inline void add_weighted(float (&sum)[8], const uint4& vector, float weight) {
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t pair = (&vector.x)[i];
    sum[2 * i] = fmaf(weight, __uint_as_float(pair << 16), sum[2 * i]);
    sum[2 * i + 1] = fmaf(weight, __uint_as_float(pair & 0xffff0000U), sum[2 * i + 1]);
  }
}

/// The sums rounded to BF16.
__device__ inline uint4 rounded(const float (&sum)[8]) {
  uint4 vector;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(sum[2 * i], sum[2 * i + 1]);
    (&vector.x)[i] = static_cast<std::uint32_t>(__bfloat16_as_ushort(pair.x)) |
                     static_cast<std::uint32_t>(__bfloat16_as_ushort(pair.y)) << 16;
  }
  return vector;
}

}  // namespace moesim
