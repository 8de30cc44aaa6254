#pragma once

#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include <cstdint>

#include "calib/kernels/dispatch/rows.hpp"

namespace moesim {

/// 16 neighbours of a row as a lane holds them, quantised; 8 neighbouring lanes hold a block of 128.
struct QuantisedLane {
  uint4 codes;  ///< 16 E4M3 numbers
  float scale;  ///< of the block, the same on its 8 lanes
};

/// Quantises the 16 BF16 numbers of each lane. Every lane of the warp must call, in full warps.
__device__ inline QuantisedLane quantise_lane(const uint4 (&raw)[2]) {
  float values[16];
  float amax = kLeastAmax;
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    const std::uint32_t pair = i < 4 ? (&raw[0].x)[i % 4] : (&raw[1].x)[i % 4];
    values[2 * i] = __uint_as_float(pair << 16);  // BF16 is the upper half of an FP32
    values[2 * i + 1] = __uint_as_float(pair & 0xffff0000U);
    amax = fmaxf(amax, fmaxf(fabsf(values[2 * i]), fabsf(values[2 * i + 1])));
  }
#pragma unroll
  for (int step = 1; step < 8; step *= 2) amax = fmaxf(amax, __shfl_xor_sync(0xffffffffU, amax, step));
  const float inverse = kMaxE4m3 / amax;
  std::uint32_t words[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const auto low = __nv_cvt_float2_to_fp8x2(
        make_float2(values[4 * i] * inverse, values[4 * i + 1] * inverse), __NV_SATFINITE, __NV_E4M3);
    const auto high = __nv_cvt_float2_to_fp8x2(
        make_float2(values[4 * i + 2] * inverse, values[4 * i + 3] * inverse), __NV_SATFINITE, __NV_E4M3);
    words[i] = static_cast<std::uint32_t>(low) | static_cast<std::uint32_t>(high) << 16;
  }
  return {make_uint4(words[0], words[1], words[2], words[3]), amax / kMaxE4m3};
}

}  // namespace moesim
